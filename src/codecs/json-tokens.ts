const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const endOfText = -1;

const isDigit = (byte: number): boolean => byte >= zero && byte <= nine;

/** Whether a number token can start with this byte: a digit, `-`, the N of NaN, the I of Infinity. */
export const startsNumber = (byte: number): boolean =>
  (byte >= zero && byte <= nine) || byte === minus || byte === 0x4e || byte === 0x49;

/**
 * The index after the number that starts at `start`, by JSON's grammar with the tokens NaN, Infinity and -Infinity
 * added, or -1 when none starts there. What follows the number is not looked at.
 */
export function endOfNumber(bytes: Uint8Array, start: number): number {
  // Never reads beyond the end: a read that may be undefined makes the whole function several times slower.
  const { length } = bytes;
  let at = start;
  let byte = bytes[at] as number;
  if (byte === minus) byte = ++at < length ? (bytes[at] as number) : endOfText;
  if (byte === zero) {
    byte = ++at < length ? (bytes[at] as number) : endOfText;
    if (isDigit(byte)) return -1;
  } else if (isDigit(byte)) {
    do byte = ++at < length ? (bytes[at] as number) : endOfText;
    while (isDigit(byte));
  } else return endOfWord(bytes, start, at);
  if (byte === point) {
    const first = at + 1;
    do byte = ++at < length ? (bytes[at] as number) : endOfText;
    while (isDigit(byte));
    if (at === first) return -1;
  }
  if (byte !== 0x65 && byte !== 0x45) return at;
  byte = ++at < length ? (bytes[at] as number) : endOfText;
  if (byte === minus || byte === plus) byte = ++at < length ? (bytes[at] as number) : endOfText;
  const first = at;
  while (isDigit(byte)) byte = ++at < length ? (bytes[at] as number) : endOfText;
  return at === first ? -1 : at;
}

function endOfWord(bytes: Uint8Array, start: number, afterSign: number): number {
  const word = bytes[afterSign] === 0x49 ? 'Infinity' : 'NaN';
  if (word === 'NaN' && afterSign !== start) return -1;
  for (let i = 0; i < word.length; i++) if (bytes[afterSign + i] !== word.charCodeAt(i)) return -1;
  return afterSign + word.length;
}

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
