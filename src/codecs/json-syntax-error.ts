import { invalidArgument, type ServingError } from '../core/serving-error.js';
import { endOfNumber, startsNumber } from './json-tokens.js';
import { asBuffer } from './utf8.js';

/** Says where and why a text that was refused is not JSON. */
export function jsonSyntaxError(bytes: Uint8Array): ServingError {
  try {
    new JsonGrammar(bytes).check();
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return invalidArgument(`the body is not valid JSON: ${fault.message} at ${describePosition(bytes, fault.at)}`);
  }
  return invalidArgument('the body is not valid JSON');
}

/** `line 2, column 5 (byte 27)`; lines and columns count from 1, bytes from 0. */
export function describePosition(bytes: Uint8Array, at: number): string {
  const before = asBuffer(bytes.subarray(0, at));
  const lineStart = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let end = before.indexOf('\n'); end >= 0; end = before.indexOf('\n', end + 1)) line++;
  return `line ${line}, column ${before.toString('utf8', lineStart).length + 1} (byte ${at})`;
}

/** What is wrong with a text, and where: the index of a byte. */
class JsonFault extends Error {
  readonly at: number;

  constructor(at: number, problem: string) {
    super(problem);
    this.at = at;
  }
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openingBracket = 0x5b;
const backslash = 0x5c;
const closingBracket = 0x5d;
const openingBrace = 0x7b;
const closingBrace = 0x7d;

/**
 * Walks a text to find the place where it stops being JSON, which the platform's parser does not always tell. Only for
 * texts that were refused already: nothing is built, and nesting is known not to be deep.
 */
class JsonGrammar {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes);
  }

  /** Throws JsonFault at the first byte that is not as it must be. */
  check(): void {
    this.#value('a value');
    if (this.#next() !== undefined) throw this.#unexpected('the end of the text');
  }

  #value(expected: string): void {
    if (this.#take(openingBracket)) this.#items();
    else if (this.#take(openingBrace)) this.#members();
    else if (this.#next() === quote) this.#string();
    else this.#scalar(expected);
  }

  #items(): void {
    if (this.#take(closingBracket)) return;
    for (let expected = "a value or ']'"; ; expected = 'a value') {
      this.#value(expected);
      if (this.#take(closingBracket)) return;
      if (!this.#take(comma)) throw this.#unexpected("',' or ']'");
    }
  }

  #members(): void {
    if (this.#take(closingBrace)) return;
    for (let expected = "a string as key or '}'"; ; expected = 'a string as key') {
      if (this.#next() !== quote) throw this.#unexpected(expected);
      this.#string();
      if (!this.#take(colon)) throw this.#unexpected("':'");
      this.#value('a value');
      if (this.#take(closingBrace)) return;
      if (!this.#take(comma)) throw this.#unexpected("',' or '}'");
    }
  }

  #scalar(expected: string): void {
    const first = this.#next();
    if (first !== undefined && startsNumber(first)) {
      const end = endOfNumber(this.#bytes, this.#at);
      if (end < 0) throw new JsonFault(this.#at, 'a malformed number');
      this.#at = end;
    } else {
      const word = ['true', 'false', 'null'].find((word) => this.#text(word.length) === word);
      if (word === undefined) throw this.#unexpected(expected);
      this.#at += word.length;
    }
  }

  #string(): void {
    for (this.#at++; ; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new JsonFault(this.#at, 'a string that does not end');
      if (byte < 0x20)
        throw new JsonFault(this.#at, `an unescaped control character (${this.#describe()}) in a string`);
      if (byte === quote) break;
      if (byte !== backslash) continue;
      if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.#text(6))) {
        throw new JsonFault(this.#at, 'an unknown escape in a string');
      }
      this.#at++;
    }
    this.#at++;
  }

  /** The next byte that is not white space. */
  #next(): number | undefined {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
    }
    return undefined;
  }

  #take(byte: number): boolean {
    const isNext = this.#next() === byte;
    if (isNext) this.#at++;
    return isNext;
  }

  #unexpected(expected: string): JsonFault {
    this.#next();
    return new JsonFault(this.#at, `expected ${expected}, got ${this.#describe()}`);
  }

  #describe(): string {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return 'the end of the text';
    if (byte < 0x20 || byte === 0x7f) return `byte 0x${byte.toString(16).padStart(2, '0')}`;
    const [character] = this.#bytes.toString('utf8', this.#at, this.#at + 4);
    return `'${character}'`;
  }

  #text(length: number): string {
    return this.#bytes.toString('latin1', this.#at, this.#at + length);
  }
}
