import { elementBytes } from '../../core/data-type.js';
import type { NumericData } from '../../core/tensor.js';
import { asElements, copyElements, type Elements, elementViews } from './element-views.js';
import { type KernelType, kernel, kernelTypes } from './kernel.js';

/** What stands for NaN and the infinities: `null`, the bare token, or the token as a string. */
export type NonFinite = 'null' | 'token' | 'string';

const nonFiniteCodes = { null: 0, token: 1, string: 2 } as const satisfies Record<NonFinite, number>;

/** No element takes more bytes of text, the comma before it included. */
const elementTextBytes = 26;
/** Elements to a chunk, so that a chunk's text always fits. */
const chunkElements = 8192;
const input = elementViews(kernel.elements, chunkElements * Float64Array.BYTES_PER_ELEMENT);
const comma = 0x2c;
const opening = 0x5b;
const closing = 0x5d;

/** Takes the next bytes of text, which are only there during the call: `memory` from `start` to `end`. */
export type TakeText = (memory: Buffer, start: number, end: number) => void;

/** Writes elements of one array as JSON. */
export class NumberText {
  readonly #type: number;
  readonly #size: number;
  readonly #data: Elements;
  readonly #nonFinite: number;
  readonly #take: TakeText;
  /** The elements that lie in the kernel's memory. */
  #loadedFrom = 0;
  #loadedTo = 0;
  #out = kernel.output;

  constructor(dataType: KernelType, data: NumericData, nonFinite: NonFinite, take: TakeText) {
    this.#type = kernelTypes[dataType];
    this.#size = elementBytes[dataType];
    this.#data = asElements(data);
    this.#nonFinite = nonFiniteCodes[nonFinite];
    this.#take = take;
  }

  /** Writes `size` elements from `from` on: those that fill the axes of `shape` from `axis` on. */
  nested(shape: readonly number[], axis: number, from: number, size: number): void {
    const length = shape[axis];
    if (length === undefined) {
      this.#run(from, 1);
      return;
    }
    this.#put(opening);
    if (axis === shape.length - 1) this.#run(from, size);
    else {
      for (let i = 0; i < length; i++) {
        if (i > 0) this.#put(comma);
        this.nested(shape, axis + 1, from + (i * size) / length, size / length);
      }
    }
    this.#put(closing);
  }

  /** To be called once all is written. */
  finish(): void {
    this.#take(kernel.memory, kernel.output, this.#out);
    this.#out = kernel.output;
  }

  #run(from: number, count: number): void {
    const to = from + count;
    for (let at = from; at < to; ) {
      if (at >= this.#loadedTo || at < this.#loadedFrom) this.#load(at);
      const length = Math.min(to, this.#loadedTo) - at;
      this.#reserve((length + 1) * elementTextBytes);
      if (at > from) this.#put(comma);
      const address = kernel.elements + (at - this.#loadedFrom) * this.#size;
      this.#out = kernel.write(address, length, this.#type, this.#out, this.#nonFinite);
      at += length;
    }
  }

  #load(from: number): void {
    const data = this.#data;
    const to = Math.min(data.length, from + chunkElements);
    copyElements(data, from, to - from, input[this.#type] as Elements, 0);
    this.#loadedFrom = from;
    this.#loadedTo = to;
  }

  #put(byte: number): void {
    this.#reserve(1);
    kernel.memory[this.#out++] = byte;
  }

  #reserve(size: number): void {
    if (this.#out + size > kernel.output + kernel.outputSize) this.finish();
  }
}
