import type { JsonNode, JsonText } from './json-document.js';
import { endOfNumber } from './json-tokens.js';
import { scanNumericArray } from './kernel/json-numbers.js';
import { decodeUtf8, latin1Text } from './utf8.js';

/** Containers may be nested this deep. */
export const maxDepth = 64;

/** Skeletons up to this many bytes are put together in place. */
const usualSize = 4096;
/** The most bytes an index is written with. */
const indexBytes = 10;
/** Copying more bytes than this one by one is slower than setting up a view. */
const fewBytes = 64;
/** Members of `marks` for each index. */
const markSize = 3;

/** Skeleton under construction, or the last one. */
interface SkeletonText {
  bytes: Buffer;
  length: number;
  isAscii: boolean;
  /** Of every index: where it starts and ends in the bytes, and how many containers are open around it, or more. */
  readonly marks: number[];
}

const emptyText = (): SkeletonText => ({ bytes: Buffer.alloc(usualSize), length: 0, isAscii: true, marks: [] });

/**
 * A text in which the numeric texts are replaced by their indexes, put together and parsed by the platform. What a client
 * sends differs mostly in its numbers, so that one skeleton comes again and again: the last one is kept with its tree.
 */
class JsonSkeleton {
  #text = emptyText();
  #last = emptyText();
  #lastTree: JsonNode = null;

  /**
   * The tree of a text that has the last skeleton, whose extents are noted with the text; else undefined. What differs
   * in its numbers alone is neither put together nor parsed again.
   */
  treeOf(text: JsonText): JsonNode | undefined {
    const { bytes, extents } = text;
    const { bytes: expected, length, marks } = this.#last;
    if (length === 0) return undefined;
    let at = 0;
    let from = 0;
    for (let mark = 0; ; mark += markSize) {
      const to = mark < marks.length ? (marks[mark] as number) : length;
      if (bytes.length - at < to - from) break;
      while (from < to && bytes[at] === expected[from]) {
        at++;
        from++;
      }
      if (from < to) break;
      if (mark === marks.length) {
        if (at < bytes.length) break;
        return this.#lastTree;
      }
      const start = at;
      let count = 1;
      if (bytes[at] === 0x5b) {
        const array = scanNumericArray(text, at, maxDepth - (marks[mark + 2] as number));
        if (array === undefined) break;
        at = array.end;
        count = array.count;
      } else {
        at = at < bytes.length ? endOfNumber(bytes, at) : -1;
        if (at < 0) break;
      }
      extents.push(start, at, count);
      from = marks[mark + 1] as number;
    }
    extents.length = 0;
    return undefined;
  }

  /** Begins anew. */
  clear(): void {
    const text = this.#text;
    if (text.bytes.length > usualSize) text.bytes = Buffer.alloc(usualSize);
    text.length = 0;
    text.isAscii = true;
    text.marks.length = 0;
  }

  /** As `copy` of all of `source` and `parse`, without the copy: where nothing is replaced. */
  parseWhole(source: Uint8Array): JsonNode | undefined {
    if (source.length <= usualSize) {
      this.copy(source, 0, source.length);
      return this.parse();
    }
    const text = decodeUtf8(source);
    return text === undefined ? undefined : (JSON.parse(text) as JsonNode);
  }

  copy(source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    if (size > fewBytes) this.#copyMany(source, from, to);
    else {
      this.#reserve(size);
      const target = this.#text.bytes;
      let at = this.#text.length;
      let highBits = 0;
      for (let i = from; i < to; i++) {
        const byte = source[i] as number;
        highBits |= byte;
        target[at++] = byte;
      }
      this.#text.length = at;
      if (highBits >= 0x80) this.#text.isAscii = false;
    }
  }

  /** `depth`: how many containers are open around it, or more. */
  index(value: number, depth: number): void {
    this.#reserve(indexBytes);
    const { bytes, length: start, marks } = this.#text;
    let end = start + 1;
    for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) end++;
    this.#text.length = end;
    // Only what is short is compared.
    if (end <= usualSize) marks.push(start, end, depth);
    let rest = value;
    do {
      bytes[--end] = 0x30 + (rest % 10);
      rest = Math.trunc(rest / 10);
    } while (rest > 0);
  }

  /** The tree, or undefined when the text is not UTF-8. Throws what JSON.parse throws. */
  parse(): JsonNode | undefined {
    const { bytes, length, isAscii } = this.#text;
    const text = isAscii ? latin1Text(bytes, 0, length) : decodeUtf8(bytes.subarray(0, length));
    if (text === undefined) return undefined;
    const tree = JSON.parse(text) as JsonNode;
    if (length <= usualSize) {
      [this.#text, this.#last] = [this.#last, this.#text];
      this.#lastTree = tree;
    }
    return tree;
  }

  #copyMany(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    const text = this.#text;
    text.bytes.set(source.subarray(from, to), text.length);
    text.length += to - from;
    text.isAscii = false;
  }

  #reserve(size: number): void {
    const { bytes, length } = this.#text;
    if (length + size <= bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (length + size));
    bytes.copy(larger, 0, 0, length);
    this.#text.bytes = larger;
  }
}

/** Nothing but the last tree outlives a scan, which never yields. */
export const skeleton = new JsonSkeleton();
