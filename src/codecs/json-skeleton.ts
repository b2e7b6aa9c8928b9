import type { JsonNode } from './json-document.js';
import { decodeUtf8, latin1Text } from './utf8.js';

/** Skeletons up to this many bytes are put together in place. */
const usualSize = 4096;
/** The most bytes an index is written with. */
const indexBytes = 10;
/** Copying more bytes than this one by one is slower than setting up a view. */
const fewBytes = 64;

/**
 * A text in which some pieces are replaced by their indexes, put together and parsed by the platform. What a client
 * sends differs mostly in its numbers, so that one skeleton comes again and again: the last one is kept with its tree.
 */
export class JsonSkeleton {
  #bytes = Buffer.alloc(usualSize);
  #length = 0;
  #isAscii = true;
  #lastBytes = Buffer.alloc(usualSize);
  #lastLength = 0;
  #lastTree: JsonNode = null;

  /** Begins anew. */
  clear(): void {
    if (this.#bytes.length > usualSize) this.#bytes = Buffer.alloc(usualSize);
    this.#length = 0;
    this.#isAscii = true;
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
      const target = this.#bytes;
      let at = this.#length;
      let highBits = 0;
      for (let i = from; i < to; i++) {
        const byte = source[i] as number;
        highBits |= byte;
        target[at++] = byte;
      }
      this.#length = at;
      if (highBits >= 0x80) this.#isAscii = false;
    }
  }

  index(value: number): void {
    this.#reserve(indexBytes);
    let end = this.#length + 1;
    for (let rest = value; rest >= 10; rest = Math.trunc(rest / 10)) end++;
    this.#length = end;
    let rest = value;
    do {
      this.#bytes[--end] = 0x30 + (rest % 10);
      rest = Math.trunc(rest / 10);
    } while (rest > 0);
  }

  /** The tree, or undefined when the text is not UTF-8. Throws what JSON.parse throws. */
  parse(): JsonNode | undefined {
    if (this.#isLast()) return this.#lastTree;
    const text = this.#text();
    if (text === undefined) return undefined;
    const tree = JSON.parse(text) as JsonNode;
    if (this.#length <= usualSize) this.#keep(tree);
    return tree;
  }

  #isLast(): boolean {
    const length = this.#length;
    if (length !== this.#lastLength) return false;
    const bytes = this.#bytes;
    const last = this.#lastBytes;
    for (let i = 0; i < length; i++) if (bytes[i] !== last[i]) return false;
    return true;
  }

  #keep(tree: JsonNode): void {
    [this.#bytes, this.#lastBytes] = [this.#lastBytes, this.#bytes];
    this.#lastLength = this.#length;
    this.#lastTree = tree;
  }

  #text(): string | undefined {
    return this.#isAscii ? latin1Text(this.#bytes, 0, this.#length) : decodeUtf8(this.#bytes.subarray(0, this.#length));
  }

  #copyMany(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(source.subarray(from, to), this.#length);
    this.#length += to - from;
    this.#isAscii = false;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + size));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
