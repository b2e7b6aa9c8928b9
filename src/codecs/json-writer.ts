import { responseTooLarge } from '../core/serving-error.js';
import type { NumericData, Tensor } from '../core/tensor.js';
import { encodeBase64 } from './base64.js';
import { type NonFinite, writeNumbers } from './kernel/json-numbers.js';
import { isKernelType } from './kernel/kernel.js';

export type { NonFinite };

export interface TensorOptions {
  /** Writes string elements as `{"b64": "…"}`. */
  readonly b64?: boolean;
  /** String elements are JSON texts, written as they are. */
  readonly json?: boolean;
}

/** A part of the text from this size on is kept as bytes rather than added to the string. */
const largePart = 4096;

export interface JsonWriterOptions {
  /** `null` unless told otherwise. */
  readonly nonFinite?: NonFinite;
  /** A longer text is refused as soon as it is, with RESOURCE_EXHAUSTED. */
  readonly mostBytes?: number | undefined;
}

/** Puts a JSON text together. Floats are written as the shortest text that reads back to the same value of their type. */
export class JsonWriter {
  readonly #nonFinite: NonFinite;
  readonly #parts: Buffer[] = [];
  readonly #mostBytes: number;
  /** What comes after the parts. */
  #text = '';
  /** Written so far; characters beyond ASCII count as one. */
  #length = 0;

  constructor({ nonFinite = 'null', mostBytes = Number.POSITIVE_INFINITY }: JsonWriterOptions = {}) {
    this.#nonFinite = nonFinite;
    this.#mostBytes = mostBytes;
  }

  /** Text that is JSON, or a part of it, already. */
  raw(text: string): this {
    this.#length += text.length;
    if (this.#length > this.#mostBytes) throw this.#tooLong();
    this.#text += text;
    return this;
  }

  /** Whatever JSON.stringify can write. */
  value(value: unknown): this {
    return this.raw(JSON.stringify(value) ?? 'null');
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
    const size = tensor.data.length / (tensor.shape[0] as number);
    return this.#write(tensor, tensor.shape.slice(1), row * size, size, options);
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
      const slice = { dataType, data: data as NumericData, shape, from, size };
      writeNumbers(slice, this.#nonFinite, this.#take);
    } else this.#level(shape, 0, from, size, elementsWriter(tensor, options));
    return this;
  }

  #level(shape: readonly number[], axis: number, from: number, size: number, elements: WriteElements): void {
    const length = shape[axis];
    if (length === undefined) {
      this.raw(elements(from, 1));
      return;
    }
    if (axis === shape.length - 1) {
      this.raw(`[${elements(from, length)}]`);
      return;
    }
    const step = size / length;
    this.raw('[');
    for (let i = 0; i < length; i++) {
      if (i > 0) this.raw(',');
      this.#level(shape, axis + 1, from + i * step, step, elements);
    }
    this.raw(']');
  }

  #tooLong(): Error {
    return responseTooLarge(`it is longer than ${this.#mostBytes} bytes as JSON`, this.#mostBytes);
  }

  readonly #take = (memory: Buffer, start: number, end: number): void => {
    this.#length += end - start;
    if (this.#length > this.#mostBytes) throw this.#tooLong();
    if (end - start < largePart) this.#text += memory.toString('latin1', start, end);
    else {
      if (this.#text !== '') this.#parts.push(Buffer.from(this.#text));
      this.#text = '';
      this.#parts.push(Buffer.from(memory.subarray(start, end)));
    }
  };
}

/** The JSON of so many elements from one on, with commas between them. */
type WriteElements = (from: number, count: number) => string;

function elementsWriter({ dataType, data }: Tensor, { b64 = false, json = false }: TensorOptions): WriteElements {
  if (dataType === 'BOOL') return joined((index) => (data[index] === 0 ? 'false' : 'true'));
  if (b64) return joined((index) => `{"b64":"${encodeBase64(Buffer.from(data[index] as string))}"}`);
  const texts = data as readonly string[];
  if (json) return joined((index) => texts[index] as string);
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

/** JSON text of the element at an index. */
export type ElementText = (index: number) => string;

/** The texts of a tensor's elements, one by one. */
export function elementText({ dataType, data }: Tensor, nonFinite: NonFinite): ElementText {
  if (dataType === 'BOOL') return (index) => (data[index] === 0 ? 'false' : 'true');
  if (!isKernelType(dataType)) return (index) => JSON.stringify(data[index]);
  return (index) => {
    let text = '';
    const slice = { dataType, data: data as NumericData, shape: [], from: index, size: 1 };
    writeNumbers(slice, nonFinite, (memory, start, end) => {
      text += memory.toString('latin1', start, end);
    });
    return text;
  };
}
