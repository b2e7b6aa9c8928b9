import { invalidArgument } from '../core/serving-error.js';
import type { Tensor, TensorData } from '../core/tensor.js';
import { isText } from './bytes-elements.js';
import { extentOf, type JsonDocument, type JsonNode, type NumericExtent } from './json-document.js';
import { type ElementValue, elementFromNode, elementFromNumber } from './json-element.js';
import { endOfNumber } from './json-tokens.js';
import { type NumbersDestination, readNumber, readNumbers } from './kernel/json-numbers.js';
import { isKernelType } from './kernel/kernel.js';
import { shortDecimal } from './short-decimal.js';
import type { TensorTarget } from './tensor-target.js';
import { asBuffer, latin1Text } from './utf8.js';

/** Fills a tensor's array from nodes of a document, in order. */
export class TensorFiller {
  readonly #document: JsonDocument;
  readonly #target: TensorTarget;
  readonly #nesting: Nesting;
  readonly #into: { readonly data: TensorData; next: number };
  /** The same, where the kernel can fill it. */
  readonly #numbersInto: NumbersDestination | undefined;

  /** `data`: zeroed, of as many elements as all nodes hold together. */
  constructor(document: JsonDocument, target: TensorTarget, nesting: Nesting, data: TensorData) {
    const { dataType } = target;
    this.#document = document;
    this.#target = target;
    this.#nesting = nesting;
    const into = { dataType, data, next: 0, stop: 0 };
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
    if (typeof node === 'number') {
      const extent = extentOf(this.#document, node);
      if (this.#document.bytes[extent.start] === 0x5b) this.#readArray(extent.start, extent.end);
      else this.#readNumber(extent);
    } else if (Array.isArray(node)) {
      this.#nesting.open();
      if (!this.#readTexts(node)) for (const item of node) this.read(item);
      this.#nesting.close();
    } else this.#put(elementFromNode(node, this.#target, this.#nesting));
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

  #readNumber(text: NumericExtent): void {
    const { bytes } = this.#document;
    if (this.#readShort(text)) this.#nesting.elements(1);
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
    const into = this.#numbersInto;
    const count = into === undefined ? 0 : readNumbers(this.#document, at, into);
    if (into === undefined || count === 0) return this.#readAnyNumber(at);
    this.#nesting.elements(count);
    return into.stop;
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

/**
 * Follows nested arrays as they are read: knows where it is, infers the shape, and refuses ragged data.
 * With `flat`, any nesting will do.
 */
export class Nesting {
  readonly #subject: string;
  readonly #flat: boolean;
  /** Sizes known so far; -1 until an array of that depth has ended. To be asked for once everything was read. */
  readonly shape: number[] = [];
  /** How many items each open array has had. */
  readonly #position: number[] = [];
  #elementDepth = -1;

  constructor(subject: string, options: { flat?: boolean } = {}) {
    this.#subject = subject;
    this.#flat = options.flat ?? false;
  }

  open(): void {
    const depth = this.#position.length;
    if (depth === this.#elementDepth && !this.#flat) this.#ragged('an array', 'a single value');
    if (this.shape.length === depth) this.shape.push(-1);
    this.#position.push(0);
  }

  close(): void {
    const size = this.#position.pop() as number;
    const depth = this.#position.length;
    const known = this.shape[depth] as number;
    if (known === -1) this.shape[depth] = size;
    else if (known !== size && !this.#flat) this.#ragged(`an array of ${size}`, `an array of ${known}`);
    if (depth > 0) this.#position[depth - 1] = (this.#position[depth - 1] as number) + 1;
  }

  /** `count` elements follow each other; at least one. */
  elements(count: number): void {
    const depth = this.#position.length;
    if (this.#elementDepth === -1 && this.shape.length === depth) this.#elementDepth = depth;
    else if (depth !== this.#elementDepth && !this.#flat) this.#ragged('a single value', 'an array');
    if (depth > 0) this.#position[depth - 1] = (this.#position[depth - 1] as number) + count;
  }

  /** Names the value that comes next: `input "x" at [0][2]`. */
  describe(): string {
    return this.#position.length === 0 ? this.#subject : `${this.#subject} at [${this.#position.join('][')}]`;
  }

  #ragged(got: string, expected: string): never {
    throw invalidArgument(
      `${this.describe()}: ragged array: got ${got} where its neighbours are ${expected}; all must have one shape`,
    );
  }
}
