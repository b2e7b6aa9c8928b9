import { elementCount, type Tensor } from '../core/tensor.js';
import { encodeBase64 } from './base64.js';
import { type ElementText, elementText, type NonFinite } from './element-text.js';

export type { NonFinite };

export interface TensorOptions {
  /** Writes string elements as `{"b64": "…"}`. */
  readonly b64?: boolean;
}

/** Puts a JSON text together. Floats are written as the shortest text that reads back to the same value of their type. */
export class JsonWriter {
  readonly #nonFinite: NonFinite;
  #text = '';

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
    this.#level(tensor, 0, 0, elementCount(tensor.shape), this.#elementText(tensor, options));
    return this;
  }

  /** One array of all elements, row-major. */
  flat(tensor: Tensor, options: TensorOptions = {}): this {
    this.#elements(0, tensor.data.length, this.#elementText(tensor, options));
    return this;
  }

  /** One row of axis 0, without that axis. */
  row(tensor: Tensor, row: number, options: TensorOptions = {}): this {
    const size = elementCount(tensor.shape.slice(1));
    this.#level(tensor, 1, row * size, size, this.#elementText(tensor, options));
    return this;
  }

  /** The text as UTF-8. */
  finish(): Buffer {
    return Buffer.from(this.#text);
  }

  #elementText(tensor: Tensor, { b64 = false }: TensorOptions): ElementText {
    return b64 && tensor.dataType === 'BYTES'
      ? (index) => `{"b64":"${encodeBase64(Buffer.from(tensor.data[index] as string))}"}`
      : elementText(tensor, this.#nonFinite);
  }

  /** Writes `size` elements from `from` on, which fill the axes from `axis` on. */
  #level(tensor: Tensor, axis: number, from: number, size: number, element: ElementText): void {
    const { shape } = tensor;
    const length = shape[axis];
    if (length === undefined) this.#text += element(from);
    else if (axis === shape.length - 1) this.#elements(from, from + size, element);
    else {
      const step = length === 0 ? 0 : size / length;
      this.#text += '[';
      for (let i = 0; i < length; i++) {
        if (i > 0) this.#text += ',';
        this.#level(tensor, axis + 1, from + i * step, step, element);
      }
      this.#text += ']';
    }
  }

  #elements(from: number, to: number, element: ElementText): void {
    this.#text += '[';
    for (let i = from; i < to; i++) this.#text += i === from ? element(i) : `,${element(i)}`;
    this.#text += ']';
  }
}
