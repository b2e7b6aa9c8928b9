const quote = 0x22;
const backslash = 0x5c;
/** Below this many bytes a loop is faster than asking the platform. */
const fewBytes = 16;

/** Finds where the strings of one text end. To be asked in the order of the text. */
export class StringEnds {
  readonly #bytes: Buffer;
  /** The first of each from the last search on; searched for again only once it was passed, so that all is linear. */
  #nextQuote = -1;
  #nextBackslash = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The index after the closing quote of the string that opens at `start`, or the end of the text. */
  endOf(start: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = start + 1;
    for (;;) {
      for (const stop = Math.min(at + fewBytes, length); at < stop; ) {
        const byte = bytes[at] as number;
        if (byte === quote) return at + 1;
        at += byte === backslash ? 2 : 1;
      }
      if (at >= length) return length;
      if (this.#nextQuote < at) this.#nextQuote = this.#find(quote, at);
      if (this.#nextBackslash < at) this.#nextBackslash = this.#find(backslash, at);
      if (this.#nextQuote < this.#nextBackslash) return this.#nextQuote + 1;
      if (this.#nextBackslash >= length) return length;
      at = this.#nextBackslash + 2;
    }
  }

  #find(byte: number, from: number): number {
    const at = this.#bytes.indexOf(byte, from);
    return at < 0 ? this.#bytes.length : at;
  }
}
