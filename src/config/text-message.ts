import type { TextField, TextValue } from './protobuf-text.js';

/** Of tensors, files and models. */
const longestName = 1024;

/**
 * A message whose fields are asked for by name and kind. Every method throws an Error that names the field, its line and
 * column where the value is of another kind. What was never asked for can be told afterwards.
 */
export class TextMessage {
  readonly #fields = new Map<string, TextField[]>();
  readonly #path: string;
  readonly #asked = new Set<string>();
  readonly #inner: TextMessage[] = [];

  /** `path`: the name of the field that the message lies in; empty for the whole file. */
  constructor(fields: readonly TextField[], path = '') {
    this.#path = path;
    for (const field of fields) {
      const same = this.#fields.get(field.name);
      if (same === undefined) this.#fields.set(field.name, [field]);
      else same.push(field);
    }
  }

  has(name: string): boolean {
    this.#asked.add(name);
    return this.#fields.has(name);
  }

  text(name: string, longest = longestName): string | undefined {
    return this.#last(name, `a text in quotes of up to ${longest} characters`, (value) =>
      value.kind === 'text' && value.text.length <= longest ? value.text : undefined,
    );
  }

  /** The name of an enum's value. */
  word(name: string): string | undefined {
    return this.#last(name, 'a name without quotes', wordOf);
  }

  boolean(name: string): boolean | undefined {
    return this.#last(name, 'true or false', booleanOf);
  }

  /** At least `smallest`. */
  integer(name: string, smallest: number): number | undefined {
    return this.#last(name, `an integer of at least ${smallest}`, (value) => integerOf(value, smallest));
  }

  integers(name: string, smallest: number): readonly number[] {
    return this.#all(name, `an integer of at least ${smallest}`, (value) => integerOf(value, smallest));
  }

  message(name: string): TextMessage | undefined {
    return this.messages(name).at(-1);
  }

  messages(name: string): readonly TextMessage[] {
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return this.#all(name, 'a message in braces', (value) => {
      if (value.kind !== 'message') return undefined;
      const message = new TextMessage(value.fields, path);
      this.#inner.push(message);
      return message;
    });
  }

  /** Names of fields that nobody asked for, here and in the messages that somebody did ask for; each once. */
  unread(): readonly string[] {
    const own = [...this.#fields.keys()].filter((name) => !this.#asked.has(name));
    const named = own.map((name) => (this.#path === '' ? name : `${this.#path}.${name}`));
    return [...new Set([...named, ...this.#inner.flatMap((message) => message.unread())])];
  }

  #last<Value>(name: string, expected: string, read: (value: TextValue) => Value | undefined): Value | undefined {
    return this.#all(name, expected, read).at(-1);
  }

  #all<Value>(name: string, expected: string, read: (value: TextValue) => Value | undefined): Value[] {
    this.#asked.add(name);
    return (this.#fields.get(name) ?? []).map(({ value, line, column }) => {
      const found = read(value);
      if (found !== undefined) return found;
      throw new Error(`${name}: expected ${expected}, got ${shown(value)} at line ${line}, column ${column}`);
    });
  }
}

const wordOf = (value: TextValue): string | undefined =>
  value.kind === 'word' || (value.kind === 'text' && value.standsForAll) ? value.text : undefined;

const integerOf = (value: TextValue, smallest: number): number | undefined =>
  value.kind === 'text' && value.standsForAll && /^-?\d{1,15}$/.test(value.text)
    ? integerOf({ kind: 'number', number: Number(value.text) }, smallest)
    : value.kind === 'number' && Number.isInteger(value.number) && value.number >= smallest
      ? value.number
      : undefined;

function booleanOf(value: TextValue): boolean | undefined {
  if (value.kind === 'number' && (value.number === 0 || value.number === 1)) return value.number === 1;
  if (value.kind !== 'word') return undefined;
  if (/^(true|True|t)$/.test(value.text)) return true;
  return /^(false|False|f)$/.test(value.text) ? false : undefined;
}

function shown(value: TextValue): string {
  if (value.kind === 'message') return 'a message';
  const text = value.kind === 'number' ? String(value.number) : value.text;
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return value.kind === 'text' ? JSON.stringify(short) : short;
}
