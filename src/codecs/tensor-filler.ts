import type { Tensor, TensorData } from '../core/tensor.js';
import { isText } from './bytes-elements.js';
import { extentOf, type JsonDocument, type JsonNode, type NumericExtent } from './json-document.js';
import { type ElementValue, elementFromNode, elementFromNumber } from './json-element.js';
import { isKernelType } from './kernel/kernel.js';
import { type NumbersDestination, readNumber, readNumbers, readStop } from './kernel/read-numbers.js';
import type { Nesting } from './nesting.js';
import { endOfNumber } from './number-token.js';
import { shortDecimal } from './short-decimal.js';
import { SmallArrays } from './small-arrays.js';
import type { TensorTarget } from './tensor-target.js';
import { asBuffer, latin1Text } from './utf8.js';

/** No two arrays that it gives out share an element. */
const smallArrays = new SmallArrays();

/** Fills a tensor's array from nodes of a document, in order. */
export class TensorFiller {
  readonly #document: JsonDocument;
  readonly #target: TensorTarget;
  readonly #nesting: Nesting;
  readonly #into: { readonly data: TensorData; next: number };
  /** The same, where the kernel can fill it. */
  readonly #numbersInto: NumbersDestination | undefined;

  /** `count`: the elements that all nodes hold together. */
  constructor(document: JsonDocument, target: TensorTarget, nesting: Nesting, count: number) {
    const { dataType } = target;
    this.#document = document;
    this.#target = target;
    this.#nesting = nesting;
    const into = { dataType, data: smallArrays.allocate(dataType, count), next: 0 };
    this.#into = into;
    this.#numbersInto = isKernelType(dataType) ? (into as NumbersDestination) : undefined;
  }

  /** The tensor, once all is read; of the shape that was found unless told otherwise. */
  tensor(shape: readonly number[] = this.#nesting.shape): Tensor {
    const { dataType, subject } = this.#target;
    const { data, next } = this.#into;
    // The count came from another pass over the same text: were they to differ, zeros must not pass for data.
    if (next !== data.length) throw new Error(`${subject}: ${data.length} elements were counted and ${next} read`);
    return { dataType, shape, data };
  }

  read(node: JsonNode): void {
    if (typeof node === 'number') this.#readNumericText(extentOf(this.#document, node));
    else if (Array.isArray(node)) {
      this.#nesting.open();
      if (!this.#readTexts(node)) for (const item of node) this.read(item);
      this.#nesting.close();
    } else this.#put(elementFromNode(node, this.#target.dataType, this.#nesting));
  }

  /** Reads an array that holds nothing but strings which need no second look; else reads nothing and returns false. */
  #readTexts(items: readonly JsonNode[]): boolean {
    if (this.#target.dataType !== 'BYTES' || items.length === 0) return false;
    if (!items.every((item) => typeof item === 'string' && isText(item))) return false;
    const into = this.#into;
    const texts = into.data as string[];
    for (const item of items) texts[into.next++] = item as string;
    this.#nesting.elements(items.length);
    return true;
  }

  #readNumericText(text: NumericExtent): void {
    const { bytes } = this.#document;
    if (bytes[text.start] === 0x5b) this.#readArray(text.start, text.end);
    else if (this.#readShort(text)) this.#nesting.elements(1);
    else if (this.#numbersInto !== undefined && readNumber(bytes, text, this.#numbersInto)) this.#nesting.elements(1);
    else this.#readAnyNumber(text.start);
  }

  /** Reads what is quicker read here than handed to the kernel. */
  #readShort({ start, end }: NumericExtent): boolean {
    const value = shortDecimal(this.#document.bytes, start, end, this.#target.dataType);
    if (Number.isNaN(value)) return false;
    (this.#into.data as Float64Array)[this.#into.next++] = value;
    return true;
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
    const count = this.#numbersInto === undefined ? 0 : readNumbers(this.#document, at, this.#numbersInto);
    if (count === 0) return this.#readAnyNumber(at);
    this.#nesting.elements(count);
    return readStop();
  }

  /** Reads also what the kernel leaves open; refuses what is no element of the type. */
  #readAnyNumber(at: number): number {
    const end = endOfNumber(this.#document.bytes, at);
    const text = latin1Text(asBuffer(this.#document.bytes), at, end);
    this.#put(elementFromNumber(text, this.#target.dataType, this.#nesting));
    return end;
  }

  #put(value: ElementValue): void {
    this.#nesting.elements(1);
    (this.#into.data as ElementValue[])[this.#into.next++] = value;
  }
}
