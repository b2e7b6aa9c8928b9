/** One field of a message in protobuf's text format. Elements of a list are fields of the same name. */
export interface TextField {
  readonly name: string;
  readonly value: TextValue;
  /** Where it stands, both from 1. */
  readonly line: number;
  readonly column: number;
}

export type TextValue =
  /** `standsForAll`: it came from JSON, where words and large integers stand in quotes, too. */
  | { readonly kind: 'text'; readonly text: string; readonly standsForAll?: true }
  | { readonly kind: 'number'; readonly number: number }
  /** The name of an enum's value, or true or false. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'message'; readonly fields: readonly TextField[] };

const deepestNesting = 32;
const mostFields = 20_000;
const mostTokens = 100_000;

/**
 * Reads protobuf's text format: comments, both kinds of quotes, `{}` and `<>`, lists, texts in several pieces.
 * Throws an Error that says what was expected, and the line and column.
 */
export const parseProtobufText = (text: string): readonly TextField[] => new TextReader(text).read();

interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const blank = /\s*(?:#[^\n]*\s*)*/y;
const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', /[A-Za-z_][\w.]*/y],
  ['number', /(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fF]?(?![\w.])/y],
  ['text', /"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"|'[^'\\\n]*(?:\\[^\n][^'\\\n]*)*'/y],
  ['sign', /[-:{}<>[\],;/]/y],
];

class TextReader {
  readonly #text: string;
  readonly #lineStarts: readonly number[];
  #position = 0;
  #token: Token;
  #fields = 0;
  #tokens = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lineStarts = lineStartsOf(text);
    this.#token = this.#scan();
  }

  read(): readonly TextField[] {
    const fields = this.#message(undefined);
    if (this.#token.kind !== 'end') throw this.#expected('a field');
    return fields;
  }

  /** Up to `close`, which is taken, or to the end of the text. */
  #message(close: string | undefined): TextField[] {
    const fields: TextField[] = [];
    while (this.#token.kind !== 'end' && !(this.#token.kind === 'sign' && /[}>]/.test(this.#token.text))) {
      this.#field(fields);
      if (!this.#take(',')) this.#take(';');
    }
    if (close !== undefined && !this.#take(close)) throw this.#expected(`"${close}" or a field`);
    return fields;
  }

  #field(fields: TextField[]): void {
    const { at } = this.#token;
    const name = this.#name();
    const position = this.#positionOf(at);
    const add = (value: TextValue): void => {
      if (++this.#fields > mostFields) throw this.#problem(at, `expected at most ${mostFields} fields, got more`);
      fields.push({ name, value, ...position });
    };
    const hasColon = this.#take(':');
    if (!this.#take('[')) {
      add(this.#value(hasColon));
      return;
    }
    if (this.#take(']')) return;
    do add(this.#value(hasColon));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#expected('"," or "]"');
  }

  /** `[domain/type]` is the name of an extension. */
  #name(): string {
    if (!this.#take('[')) return this.#word('a field');
    const parts = [this.#word('a name')];
    while (this.#take('/')) parts.push(this.#word('a name'));
    if (!this.#take(']')) throw this.#expected('"]"');
    return `[${parts.join('/')}]`;
  }

  #value(hasColon: boolean): TextValue {
    for (const [open, close] of [
      ['{', '}'],
      ['<', '>'],
    ] as const) {
      if (!this.#take(open)) continue;
      if (++this.#depth > deepestNesting) throw this.#expected(`at most ${deepestNesting} levels`);
      const fields = this.#message(close);
      this.#depth--;
      return { kind: 'message', fields };
    }
    if (!hasColon) throw this.#expected('":" or "{"');
    const { kind, text } = this.#token;
    if (kind === 'text') return { kind, text: this.#texts() };
    const isNegative = this.#take('-');
    const token = this.#token;
    if (token.kind === 'number') return { kind: 'number', number: numberOf(this.#next().text, isNegative) };
    if (token.kind !== 'word') throw this.#expected('a value');
    this.#next();
    if (!isNegative && !/^(inf(inity)?|nan)f?$/i.test(text)) return { kind: 'word', text };
    if (!/^(inf(inity)?|nan)f?$/i.test(token.text)) throw this.#problem(token.at, 'expected a number after "-"');
    const value = /^nan/i.test(token.text) ? Number.NaN : Number.POSITIVE_INFINITY;
    return { kind: 'number', number: isNegative ? -value : value };
  }

  /** Texts side by side are one. */
  #texts(): string {
    const parts: Uint8Array[] = [];
    while (this.#token.kind === 'text') {
      const { text, at } = this.#next();
      const bytes = unescaped(text.slice(1, -1));
      if (bytes === undefined) throw this.#problem(at, 'expected a text with escapes that protobuf knows');
      parts.push(bytes);
    }
    return Buffer.concat(parts).toString();
  }

  #word(what: string): string {
    if (this.#token.kind !== 'word') throw this.#expected(what);
    return this.#next().text;
  }

  #take(sign: string): boolean {
    if (this.#token.kind !== 'sign' || this.#token.text !== sign) return false;
    this.#next();
    return true;
  }

  #next(): Token {
    const token = this.#token;
    this.#token = this.#scan();
    return token;
  }

  #scan(): Token {
    blank.lastIndex = this.#position;
    blank.exec(this.#text);
    const at = blank.lastIndex;
    if (at >= this.#text.length) return { kind: 'end', text: 'the end of the file', at };
    if (++this.#tokens > mostTokens) throw this.#problem(at, 'expected a shorter file');
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const found = pattern.exec(this.#text);
      if (found === null) continue;
      this.#position = pattern.lastIndex;
      return { kind, text: found[0], at };
    }
    if (/["']/.test(this.#text[at] as string)) throw this.#problem(at, 'expected the closing quote on the same line');
    throw this.#problem(at, `expected a field or a value, got ${JSON.stringify(this.#text[at])}`);
  }

  #expected(what: string): Error {
    const { kind, text, at } = this.#token;
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return this.#problem(at, `expected ${what}, got ${kind === 'end' ? text : JSON.stringify(shown)}`);
  }

  #problem(at: number, message: string): Error {
    const { line, column } = this.#positionOf(at);
    return new Error(`${message} at line ${line}, column ${column}`);
  }

  #positionOf(at: number): { readonly line: number; readonly column: number } {
    let [line, beyond] = [0, this.#lineStarts.length];
    while (beyond - line > 1) {
      const middle = (line + beyond) >> 1;
      if ((this.#lineStarts[middle] as number) <= at) line = middle;
      else beyond = middle;
    }
    return { line: line + 1, column: at - (this.#lineStarts[line] as number) + 1 };
  }
}

function numberOf(text: string, isNegative: boolean): number {
  const digits = /^0[xX]/.test(text) ? text : text.replace(/[fF]$/, '');
  const number = /^0\d+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return isNegative ? -number : number;
}

const letters: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const escapeSequence =
  /\\(?:([0-7]{1,3})|[xX]([\da-fA-F]{1,2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([abfnrtv])|([\\'"?]))/y;

/** The bytes that a text between quotes stands for; undefined where an escape is none. */
function unescaped(text: string): Uint8Array | undefined {
  if (!text.includes('\\')) return Buffer.from(text);
  const bytes = Buffer.allocUnsafe(3 * text.length);
  let length = 0;
  for (let position = 0; position < text.length; ) {
    const next = text.indexOf('\\', position);
    if (next !== position) length += bytes.write(text.slice(position, next < 0 ? text.length : next), length);
    if (next < 0) break;
    escapeSequence.lastIndex = next;
    const found = escapeSequence.exec(text);
    if (found === null) return undefined;
    const [, octal, hex, short, long, letter, itself] = found;
    if (octal !== undefined) bytes[length++] = Number.parseInt(octal, 8);
    else if (hex !== undefined) bytes[length++] = Number.parseInt(hex, 16);
    else if (letter !== undefined) bytes[length++] = letters[letter] as number;
    else if (itself !== undefined) length += bytes.write(itself, length);
    else {
      const code = Number.parseInt((short ?? long) as string, 16);
      if (code > 0x10ffff) return undefined;
      length += bytes.write(String.fromCodePoint(code), length);
    }
    position = escapeSequence.lastIndex;
  }
  return bytes.subarray(0, length);
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
