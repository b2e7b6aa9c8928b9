import { invalidArgument } from '../core/serving-error.js';
import type { JsonNode, JsonText } from './json-document.js';
import { maxDepth, skeleton } from './json-skeleton.js';
import { describePosition, jsonSyntaxError } from './json-syntax-error.js';
import { endOfNumber, StringEnds, startsNumber } from './json-tokens.js';
import { scanNumericArray } from './kernel/json-numbers.js';
import { asBuffer, invalidUtf8At } from './utf8.js';

/** Objects, mixed arrays and numeric texts of one body: more would let a small body claim most of the process's memory. */
const maxNodes = 4_194_304;

/** Where the arrays being followed start. */
const open = new Uint32Array(maxDepth);

/**
 * Finds the numeric texts in one linear pass and has the rest, in which they are replaced by their indexes, parsed by
 * the platform. Strings, objects and literals are only skipped.
 */
export class JsonScanner {
  readonly #bytes: Buffer;
  readonly #text: JsonText;
  readonly #strings: StringEnds;
  /** Everything before this index stands in the skeleton. */
  #copied = 0;
  #depth = 0;
  #nodes = 0;

  constructor(text: JsonText) {
    this.#text = text;
    this.#bytes = asBuffer(text.bytes);
    this.#strings = new StringEnds(this.#bytes);
  }

  /** The text's tree; its extents are noted with the text. */
  scan(): JsonNode {
    const bytes = this.#bytes;
    const { length } = bytes;
    skeleton.clear();
    let at = 0;
    while (at < length) {
      const byte = bytes[at] as number;
      if (byte === 0x22) at = this.#strings.endOf(at);
      else if (byte === 0x5b) at = this.#scanNumericArray(at) ?? this.#scanArray(at);
      else if (startsNumber(byte)) at = this.#capture(at, this.#endOfNumber(at), 1);
      else {
        if (byte === 0x7b) {
          this.#enter(at);
          this.#count(1);
        } else if (byte === 0x7d || byte === 0x5d) this.#leave();
        at++;
      }
    }
    return this.#parse();
  }

  #parse(): JsonNode {
    const bytes = this.#bytes;
    let root: JsonNode | undefined;
    try {
      if (this.#text.extents.length === 0) root = skeleton.parseWhole(bytes);
      else {
        skeleton.copy(bytes, this.#copied, bytes.length);
        root = skeleton.parse();
      }
    } catch {
      throw jsonSyntaxError(bytes);
    }
    if (root !== undefined) return root;
    const at = describePosition(bytes, invalidUtf8At(bytes));
    throw invalidArgument(`the body is not valid UTF-8 at ${at}`);
  }

  /** The usual case, an array of plain numbers, is left to the kernel. */
  #scanNumericArray(start: number): number | undefined {
    const next = start + 1 < this.#bytes.length ? (this.#bytes[start + 1] as number) : 0;
    if (next !== 0x5b && next !== 0x20 && !startsNumber(next)) return undefined;
    const extent = scanNumericArray(this.#text, start, maxDepth - this.#depth);
    return extent && this.#capture(start, extent.end, extent.count);
  }

  /**
   * Follows an array as long as it holds numbers only. At the first thing that is something else every array still
   * open is known to be mixed, so what came before is gone over once more, and only once, to capture its parts.
   */
  #scanArray(start: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    const depthAround = this.#depth;
    let count = 0;
    let at = start;
    let valueMayCome = true;
    let arrayMayEnd = false;
    for (;;) {
      if (at >= length) throw jsonSyntaxError(bytes);
      const byte = bytes[at] as number;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
      else if (valueMayCome && startsNumber(byte)) {
        at = this.#endOfNumber(at);
        count++;
        valueMayCome = false;
        arrayMayEnd = true;
      } else if (valueMayCome && byte === 0x5b) {
        this.#enter(at);
        open[this.#depth - depthAround - 1] = at++;
        arrayMayEnd = true;
      } else if (arrayMayEnd && byte === 0x5d) {
        at++;
        if (--this.#depth === depthAround) return this.#capture(start, at, count);
        valueMayCome = false;
      } else if (!valueMayCome && byte === 0x2c) {
        at++;
        valueMayCome = true;
        arrayMayEnd = false;
      } else {
        this.#captureParts(this.#depth - depthAround, at);
        return at;
      }
    }
  }

  /** Captures the numbers and closed arrays that lie directly in the `openCount` arrays that did not end before `end`. */
  #captureParts(openCount: number, end: number): void {
    const bytes = this.#bytes;
    this.#count(openCount);
    let at = open[0] as number;
    let nextOpen = 0;
    while (at < end) {
      const byte = bytes[at] as number;
      if (nextOpen < openCount && at === open[nextOpen]) {
        nextOpen++;
        at++;
      } else if (byte === 0x5b) at = this.#captureClosedArray(at);
      else if (startsNumber(byte)) at = this.#capture(at, endOfNumber(bytes, at), 1);
      else at++;
    }
  }

  #captureClosedArray(start: number): number {
    const bytes = this.#bytes;
    let depth = 0;
    let count = 0;
    let at = start;
    do {
      const byte = bytes[at] as number;
      if (startsNumber(byte)) {
        at = endOfNumber(bytes, at);
        count++;
        continue;
      }
      if (byte === 0x5b) depth++;
      else if (byte === 0x5d) depth--;
      at++;
    } while (depth > 0);
    return this.#capture(start, at, count);
  }

  #capture(start: number, end: number, count: number): number {
    // What follows must end the value: an index and the text after it could otherwise read as one number.
    if (end < this.#bytes.length && !endsValue(this.#bytes[end] as number)) throw jsonSyntaxError(this.#bytes);
    this.#count(1);
    skeleton.copy(this.#bytes, this.#copied, start);
    const { extents } = this.#text;
    skeleton.index(extents.length / 3, this.#depth);
    extents.push(start, end, count);
    this.#copied = end;
    return end;
  }

  #endOfNumber(at: number): number {
    const end = endOfNumber(this.#bytes, at);
    if (end < 0) throw jsonSyntaxError(this.#bytes);
    return end;
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > maxNodes) {
      throw invalidArgument(
        `the body holds more than ${maxNodes} objects, mixed arrays and numbers outside of arrays of numbers; send fewer rows, or arrays of numbers`,
      );
    }
  }

  #leave(): void {
    if (--this.#depth < 0) throw jsonSyntaxError(this.#bytes);
  }

  #enter(at: number): void {
    if (++this.#depth > maxDepth) {
      throw invalidArgument(
        `the body nests deeper than ${maxDepth} levels at ${describePosition(this.#bytes, at)}; send flatter data`,
      );
    }
  }
}

/** Whether a value may be followed by this byte: a separator, a closing bracket or brace, white space. */
const endsValue = (byte: number): boolean =>
  byte === 0x2c || byte === 0x5d || byte === 0x7d || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
