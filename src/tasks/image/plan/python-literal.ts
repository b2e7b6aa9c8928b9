/** A value of Python: dictionaries become maps, so that no key means anything to JavaScript. */
export type PythonValue =
  | string
  | number
  | boolean
  | null
  | readonly PythonValue[]
  | ReadonlyMap<PythonValue, PythonValue>;

const deepest = 16;
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\n': '',
};

/** Reads a literal as `repr` writes it: dict, list, tuple, str, int, float, True, False, None. Throws for anything else. */
export function readPythonLiteral(text: string): PythonValue {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonValue {
    if (depth > deepest) throw this.#unexpected('less deep nesting');
    this.#space();
    const next = this.#text[this.#at];
    if (next === '{') return this.#dict(depth);
    if (next === '[') return this.#items(']', depth).items;
    if (next === '(') {
      const { items, hasComma } = this.#items(')', depth);
      return items.length === 1 && !hasComma ? (items[0] as PythonValue) : items;
    }
    if (next === "'" || next === '"') return this.#strings();
    return this.#word();
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('nothing more');
  }

  #dict(depth: number): ReadonlyMap<PythonValue, PythonValue> {
    const entries = new Map<PythonValue, PythonValue>();
    this.#at += 1;
    while (!this.#takes('}')) {
      const key = this.value(depth + 1);
      if (!this.#takes(':')) throw this.#unexpected('":"');
      entries.set(key, this.value(depth + 1));
      if (this.#takes(',')) continue;
      if (this.#takes('}')) break;
      throw this.#unexpected('"," or "}"');
    }
    return entries;
  }

  #items(close: string, depth: number): { items: readonly PythonValue[]; hasComma: boolean } {
    const items: PythonValue[] = [];
    let hasComma = false;
    this.#at += 1;
    while (!this.#takes(close)) {
      items.push(this.value(depth + 1));
      if (this.#takes(',')) {
        hasComma = true;
        continue;
      }
      if (this.#takes(close)) break;
      throw this.#unexpected(`"," or "${close}"`);
    }
    return { items, hasComma };
  }

  /** Strings side by side are one. */
  #strings(): string {
    let whole = '';
    do {
      whole += this.#string();
      this.#space();
    } while (this.#text[this.#at] === "'" || this.#text[this.#at] === '"');
    return whole;
  }

  #string(): string {
    const quote = this.#text[this.#at++];
    let value = '';
    for (;;) {
      const character = this.#text[this.#at++];
      if (character === undefined) throw this.#unexpected('the end of a string');
      if (character === quote) return value;
      value += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const kind = this.#text[this.#at++] ?? '';
    const plain = Object.hasOwn(escapes, kind) ? escapes[kind] : undefined;
    if (plain !== undefined) return plain;
    const digits = { x: 2, u: 4, U: 8 }[kind];
    if (digits !== undefined) {
      const code = this.#text.slice(this.#at, this.#at + digits);
      if (!/^[0-9a-fA-F]+$/.test(code) || code.length < digits) throw this.#unexpected(`${digits} hexadecimal digits`);
      this.#at += digits;
      const point = Number.parseInt(code, 16);
      if (point > 0x10ffff) throw this.#unexpected('a character');
      return String.fromCodePoint(point);
    }
    const octal = /^[0-7]{1,3}/.exec(kind + this.#text.slice(this.#at, this.#at + 2))?.[0];
    if (octal === undefined) return `\\${kind}`;
    this.#at += octal.length - 1;
    return String.fromCodePoint(Number.parseInt(octal, 8));
  }

  #word(): PythonValue {
    const word = /^[+\-\w.]+/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0] ?? '';
    this.#at += word.length;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word)) return Number(word.replaceAll('_', ''));
    this.#at -= word.length;
    throw this.#unexpected('a literal of Python');
  }

  #takes(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #unexpected(expected: string): Error {
    return new Error(`expected ${expected} at character ${this.#at}`);
  }
}
