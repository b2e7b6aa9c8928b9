import { invalidArgument } from '../core/serving-error.js';
import { describePosition, jsonSyntaxError } from './json-syntax-error.js';
import { endOfNumber, startsNumber } from './number-token.js';
import { decodeUtf8, invalidUtf8At } from './utf8.js';

/** Containers may be nested this deep. */
export const maxDepth = 64;

/** A number, or an array that holds nothing but numbers and such arrays, where it stands in the text. */
export interface NumericText {
  readonly start: number;
  readonly end: number;
  /** How many numbers it holds. */
  readonly count: number;
}

export interface ScannedJson {
  /** The text with every numeric text replaced by its index. Not yet known to be JSON. */
  readonly skeleton: string;
  readonly numericTexts: readonly NumericText[];
}

/** One linear pass; strings, objects and literals are only skipped. Throws where a number is malformed or nesting too deep. */
export const scanJson = (bytes: Uint8Array): ScannedJson => new JsonScanner(bytes).scan();

class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #numericTexts: NumericText[] = [];
  #skeleton = '';
  /** Everything before this index stands in the skeleton. */
  #copied = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scan(): ScannedJson {
    const bytes = this.#bytes;
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (byte === 0x22) at = endOfString(bytes, at);
      else if (byte === 0x5b) at = this.#scanArray(at);
      else if (startsNumber(byte)) at = this.#capture(at, this.#endOfNumber(at), 1);
      else {
        if (byte === 0x7b) this.#enter(at);
        else if (byte === 0x7d || byte === 0x5d) this.#depth--;
        at++;
      }
    }
    this.#copyUpTo(bytes.length);
    return { skeleton: this.#skeleton, numericTexts: this.#numericTexts };
  }

  /**
   * Follows an array as long as it holds numbers only. At the first thing that is something else every array still
   * open is known to be mixed, so what came before is gone over once more, and only once, to capture its parts.
   */
  #scanArray(start: number): number {
    const bytes = this.#bytes;
    const open: number[] = [];
    let count = 0;
    let at = start;
    let valueMayCome = true;
    let arrayMayEnd = false;
    for (;;) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) at++;
      else if (valueMayCome && startsNumber(byte)) {
        at = this.#endOfNumber(at);
        count++;
        valueMayCome = false;
        arrayMayEnd = true;
      } else if (valueMayCome && byte === 0x5b) {
        this.#enter(at);
        open.push(at++);
        arrayMayEnd = true;
      } else if (arrayMayEnd && byte === 0x5d) {
        this.#depth--;
        open.pop();
        at++;
        if (open.length === 0) return this.#capture(start, at, count);
        valueMayCome = false;
      } else if (!valueMayCome && byte === 0x2c) {
        at++;
        valueMayCome = true;
        arrayMayEnd = false;
      } else {
        this.#captureParts(open, at);
        return at;
      }
    }
  }

  /** Captures the numbers and closed arrays that lie directly in the arrays that opened at `open`. */
  #captureParts(open: readonly number[], end: number): void {
    const bytes = this.#bytes;
    let at = open[0] as number;
    let nextOpen = 0;
    while (at < end) {
      const byte = bytes[at] as number;
      if (at === open[nextOpen]) {
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
    if (!endsValue(this.#bytes[end])) throw jsonSyntaxError(this.#bytes);
    this.#copyUpTo(start);
    this.#skeleton += this.#numericTexts.length;
    this.#numericTexts.push({ start, end, count });
    this.#copied = end;
    return end;
  }

  #copyUpTo(end: number): void {
    const from = this.#copied;
    if (end === from) return;
    const piece = this.#bytes.subarray(from, end);
    const text = decodeUtf8(piece);
    if (text === undefined) {
      const at = from + Math.max(0, invalidUtf8At(piece));
      throw invalidArgument(`the body is not valid UTF-8 at ${describePosition(this.#bytes, at)}`);
    }
    this.#skeleton += text;
  }

  #endOfNumber(at: number): number {
    const end = endOfNumber(this.#bytes, at);
    if (end < 0) throw jsonSyntaxError(this.#bytes);
    return end;
  }

  #enter(at: number): void {
    if (++this.#depth > maxDepth) {
      throw invalidArgument(
        `the body nests deeper than ${maxDepth} levels at ${describePosition(this.#bytes, at)}; send flatter data`,
      );
    }
  }
}

/** The index after the closing quote, or the end of the text. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return Math.min(at + 1, bytes.length);
}

function endsValue(byte: number | undefined): boolean {
  switch (byte) {
    case undefined:
    case 0x2c:
    case 0x5d:
    case 0x7d:
    case 0x20:
    case 0x0a:
    case 0x0d:
    case 0x09:
      return true;
    default:
      return false;
  }
}
