import { allocate, type NumericData, type Tensor, type TensorData } from '../core/tensor.js';
import type { JsonDocument, JsonNode } from './json-document.js';
import { type ElementValue, elementFromNode, elementFromNumber } from './json-element.js';
import type { NumericText } from './json-scanner.js';
import { isKernelType } from './kernel/kernel.js';
import { readNumbers, readStop } from './kernel/read-numbers.js';
import type { Nesting } from './nesting.js';
import { endOfNumber } from './number-token.js';
import type { TensorTarget } from './tensor-target.js';
import { asBuffer } from './utf8.js';

/** Fills a tensor's array from nodes of a document, in order. */
export class TensorFiller {
  readonly #data: TensorData;
  readonly #document: JsonDocument;
  readonly #target: TensorTarget;
  readonly #nesting: Nesting;
  #next = 0;

  /** `count`: the elements that all nodes hold together. */
  constructor(document: JsonDocument, target: TensorTarget, nesting: Nesting, count: number) {
    const { dataType } = target;
    this.#data = allocate(dataType, count);
    this.#document = document;
    this.#target = target;
    this.#nesting = nesting;
  }

  /** The tensor, once all is read; of the shape that was found unless told otherwise. */
  tensor(shape: readonly number[] = this.#nesting.shape): Tensor {
    const { dataType, subject } = this.#target;
    const { length } = this.#data;
    // The count came from another pass over the same text: were they to differ, zeros must not pass for data.
    if (this.#next !== length) throw new Error(`${subject}: ${length} elements were counted and ${this.#next} read`);
    return { dataType, shape, data: this.#data };
  }

  read(node: JsonNode): void {
    if (typeof node === 'number') this.#readNumericText(this.#document.numericTexts[node] as NumericText);
    else if (Array.isArray(node)) {
      this.#nesting.open();
      for (const item of node) this.read(item);
      this.#nesting.close();
    } else this.#put(elementFromNode(node, this.#target.dataType, this.#nesting));
  }

  #readNumericText({ start, end }: NumericText): void {
    const { bytes } = this.#document;
    // What follows a lone number belongs to others.
    if (bytes[start] !== 0x5b) this.#readNumber(start);
    else this.#readArray(start, end);
  }

  #readArray(start: number, end: number): void {
    const { bytes } = this.#document;
    let at = start;
    while (at < end) {
      switch (bytes[at]) {
        case 0x5b:
          this.#nesting.open();
          at++;
          break;
        case 0x5d:
          this.#nesting.close();
          at++;
          break;
        case 0x2c:
        case 0x20:
        case 0x0a:
        case 0x0d:
        case 0x09:
          at++;
          break;
        default:
          at = this.#readNumbers(at);
      }
    }
  }

  /** Reads the numbers that follow each other from `at` on, or only the first of them. */
  #readNumbers(at: number): number {
    const { dataType } = this.#target;
    if (!isKernelType(dataType)) return this.#readNumber(at);
    const count = readNumbers(this.#document, at, dataType, this.#data as NumericData, this.#next);
    if (count === 0) return this.#readNumber(at);
    this.#nesting.elements(count);
    this.#next += count;
    return readStop();
  }

  /** Reads any number, also what the kernel leaves open; refuses what is no element of the type. */
  #readNumber(at: number): number {
    const end = endOfNumber(this.#document.bytes, at);
    const text = asBuffer(this.#document.bytes).toString('latin1', at, end);
    this.#put(elementFromNumber(text, this.#target.dataType, this.#nesting));
    return end;
  }

  #put(value: ElementValue): void {
    this.#nesting.elements(1);
    (this.#data as ElementValue[])[this.#next++] = value;
  }
}
