import { elementCount, type NumericData, type Tensor } from '../core/tensor.js';
import { encodeBase64 } from './base64.js';
import { isKernelType } from './kernel/kernel.js';
import { type NonFinite, NumberText } from './kernel/number-text.js';

export type { NonFinite };

export interface TensorOptions {
  /** Writes string elements as `{"b64": "…"}`. */
  readonly b64?: boolean;
}

/** A piece of text from this size on is kept as bytes rather than added to the string. */
const largePiece = 4096;

/** Puts a JSON text together. Floats are written as the shortest text that reads back to the same value of their type. */
export class JsonWriter {
  readonly #nonFinite: NonFinite;
  readonly #parts: Buffer[] = [];
  /** What comes after the parts. */
  #text = '';

  /** `nonFinite`: null unless told otherwise. */
  constructor(options: { nonFinite?: NonFinite } = {}) {
    this.#nonFinite = options.nonFinite ?? 'null';
  }

  /** Text that is JSON, or a part of it, already. */
  raw(text: string): this {
    this.#text += text;
    return this;
  }

  /** Whatever JSON.stringify can write. */
  value(value: unknown): this {
    this.#text += JSON.stringify(value) ?? 'null';
    return this;
  }

  /** Arrays in arrays, as the shape says; a scalar is a bare value. */
  nested(tensor: Tensor, options: TensorOptions = {}): this {
    return this.#write(tensor, tensor.shape, 0, tensor.data.length, options);
  }

  /** One array of all elements, row-major. */
  flat(tensor: Tensor, options: TensorOptions = {}): this {
    return this.#write(tensor, [tensor.data.length], 0, tensor.data.length, options);
  }

  /** One row of axis 0, without that axis. */
  row(tensor: Tensor, row: number, options: TensorOptions = {}): this {
    const shape = tensor.shape.slice(1);
    const size = elementCount(shape);
    return this.#write(tensor, shape, row * size, size, options);
  }

  /** The text, as UTF-8 where it is large. */
  finish(): string | Buffer {
    if (this.#parts.length === 0) return this.#text;
    return Buffer.concat([...this.#parts, Buffer.from(this.#text)]);
  }

  /** Writes the `size` elements from `from` on, which have this shape. */
  #write(tensor: Tensor, shape: readonly number[], from: number, size: number, options: TensorOptions): this {
    const { dataType, data } = tensor;
    if (isKernelType(dataType)) {
      const text = new NumberText(dataType, data as NumericData, this.#nonFinite, this.#take);
      text.nested(shape, 0, from, size);
      text.finish();
    } else this.#level(shape, 0, from, size, elementsWriter(tensor, options));
    return this;
  }

  #level(shape: readonly number[], axis: number, from: number, size: number, elements: WriteElements): void {
    const length = shape[axis];
    if (length === undefined) {
      this.#text += elements(from, 1);
      return;
    }
    if (axis === shape.length - 1) {
      this.#text += `[${elements(from, length)}]`;
      return;
    }
    const step = size / length;
    this.#text += '[';
    for (let i = 0; i < length; i++) {
      if (i > 0) this.#text += ',';
      this.#level(shape, axis + 1, from + i * step, step, elements);
    }
    this.#text += ']';
  }

  readonly #take = (memory: Buffer, start: number, end: number): void => {
    if (end - start < largePiece) this.#text += memory.toString('latin1', start, end);
    else {
      if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
      this.#text = '';
      this.#parts.push(Buffer.from(memory.subarray(start, end)));
    }
  };
}

/** The JSON of so many elements from one on, with commas between them. */
type WriteElements = (from: number, count: number) => string;

function elementsWriter({ dataType, data }: Tensor, { b64 = false }: TensorOptions): WriteElements {
  if (dataType === 'BOOL') return joined((index) => (data[index] === 0 ? 'false' : 'true'));
  if (b64) return joined((index) => `{"b64":"${encodeBase64(Buffer.from(data[index] as string))}"}`);
  const texts = data as readonly string[];
  // Many strings at once are half the work for the platform.
  return (from, count) =>
    count === 1 ? JSON.stringify(texts[from]) : JSON.stringify(texts.slice(from, from + count)).slice(1, -1);
}

const joined =
  (element: (index: number) => string): WriteElements =>
  (from, count) => {
    let text = '';
    for (let index = from; index < from + count; index++)
      text += index === from ? element(index) : `,${element(index)}`;
    return text;
  };
