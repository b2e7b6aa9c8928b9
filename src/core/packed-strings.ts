/**
 * Many strings as plain memory: a uint32 for the bytes of each, then all of their UTF-8, end to end. Where they only pass
 * through, nobody makes strings of them: that would hold the event loop up for seconds.
 */
class Packing {
  readonly encoded: Uint8Array;
  readonly count: number;
  /** Filled at the first look at an element. */
  readonly strings: string[] = [];
  #ends: Float64Array | undefined;

  constructor(encoded: Uint8Array, count: number) {
    this.encoded = encoded;
    this.count = count;
  }

  get lengths(): Uint32Array {
    return new Uint32Array(this.encoded.buffer, this.encoded.byteOffset, this.count);
  }

  /** Where the text of an element begins, or that of the last one ends. */
  startOf(index: number): number {
    this.#ends ??= endsOf(this.lengths);
    return 4 * this.count + (index === 0 ? 0 : (this.#ends[index - 1] as number));
  }

  filled(): string[] {
    return this.strings.length === this.count ? this.strings : decode(this.encoded, this.count, this.strings);
  }
}

/** How an array says that it is packed. */
const packing = Symbol('packing');

/** From so many on, strings are left packed. */
const packedFrom = 4096;

/**
 * The strings that lie encoded there, in the same memory where they are many: an array like any other, which makes its
 * strings when one of them is looked at. `encoded` starts at a multiple of 4 bytes in its buffer.
 */
export function readStrings(encoded: Uint8Array, count: number): readonly string[] {
  if (count < packedFrom) return decode(encoded, count, []);
  const packed = new Packing(encoded, count);
  return new Proxy(packed.strings, new LazyStrings(packed));
}

/** Whether the strings are still plain memory, or were. */
export const isPacked = (strings: readonly string[]): boolean => packingOf(strings) !== undefined;

/** The same strings in an ordinary array, which is quicker to go through. */
export function plainStrings(strings: readonly string[]): readonly string[] {
  const packed = packingOf(strings);
  return packed === undefined ? strings : packed.filled();
}

/** The position of the first string that holds a NUL; −1 where none does. */
export function firstWithNul(strings: readonly string[]): number {
  const packed = packingOf(strings);
  // Looked for in the memory, which mostly tells that there is none.
  if (packed !== undefined && packed.encoded.indexOf(0, 4 * packed.count) < 0) return -1;
  return plainStrings(strings).findIndex((text) => text.includes('\0'));
}

/** Bytes of packed strings; undefined for others. */
export const packedBytes = (strings: readonly string[]): number | undefined => packingOf(strings)?.encoded.byteLength;

/** Elements `from` (inclusive) to `to` (exclusive), in memory of their own. */
export function sliceStrings(strings: readonly string[], from: number, to: number): readonly string[] {
  const packed = packingOf(strings);
  if (packed === undefined || packed.strings.length > 0) return plainStrings(strings).slice(from, to);
  const count = Math.max(0, Math.min(to, packed.count) - from);
  const [textFrom, textTo] = [packed.startOf(from), packed.startOf(from + count)];
  const encoded = Buffer.allocUnsafeSlow(4 * count + textTo - textFrom);
  new Uint32Array(encoded.buffer, 0, count).set(packed.lengths.subarray(from, from + count));
  encoded.set(packed.encoded.subarray(textFrom, textTo), 4 * count);
  return readStrings(encoded, count);
}

/** Strings that lie end to end, as memory: where they are packed in one, that memory. Lone surrogates become U+FFFD. */
export function encodeStrings(parts: readonly (readonly string[])[]): Uint8Array {
  if (!parts.some(isPacked)) return encode(parts.length === 1 ? (parts[0] as readonly string[]) : parts.flat());
  const each = parts.map((strings) => packingOf(strings) ?? new Packing(encode(strings), strings.length));
  return each.length === 1 ? (each[0] as Packing).encoded : join(each);
}

/** Puts encoded strings end to end. */
function join(parts: readonly Packing[]): Uint8Array {
  const encoded = Buffer.allocUnsafeSlow(parts.reduce((bytes, part) => bytes + part.encoded.byteLength, 0));
  let lengthAt = 0;
  let textAt = 4 * parts.reduce((all, { count }) => all + count, 0);
  for (const { encoded: part, count } of parts) {
    encoded.set(part.subarray(0, 4 * count), lengthAt);
    encoded.set(part.subarray(4 * count), textAt);
    lengthAt += 4 * count;
    textAt += part.byteLength - 4 * count;
  }
  return encoded;
}

/** The target is the packing's own array, which is filled before anything but its length is looked at. */
class LazyStrings implements ProxyHandler<string[]> {
  readonly #packing: Packing;

  constructor(given: Packing) {
    this.#packing = given;
  }

  get(target: string[], key: string | symbol): unknown {
    if (key === 'length') return this.#packing.count;
    if (key === packing) return this.#packing;
    this.#packing.filled();
    return Reflect.get(target, key);
  }

  has(target: string[], key: string | symbol): boolean {
    this.#packing.filled();
    return Reflect.has(target, key);
  }

  ownKeys(target: string[]): (string | symbol)[] {
    this.#packing.filled();
    return Reflect.ownKeys(target);
  }

  getOwnPropertyDescriptor(target: string[], key: string | symbol): PropertyDescriptor | undefined {
    this.#packing.filled();
    return Reflect.getOwnPropertyDescriptor(target, key);
  }
}

const packingOf = (strings: readonly string[]): Packing | undefined =>
  (strings as { readonly [packing]?: Packing })[packing];

function endsOf(lengths: Uint32Array): Float64Array {
  const ends = new Float64Array(lengths.length);
  let end = 0;
  for (let index = 0; index < lengths.length; index++) {
    end += lengths[index] as number;
    ends[index] = end;
  }
  return ends;
}

function encode(strings: readonly string[]): Uint8Array {
  const joined = strings.join('');
  const isAscii = Buffer.byteLength(joined) === joined.length;
  const textBytes = isAscii ? joined.length : strings.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
  const encoded = Buffer.allocUnsafeSlow(4 * strings.length + textBytes);
  const lengths = new Uint32Array(encoded.buffer, 0, strings.length);
  let at = 4 * strings.length;
  if (isAscii) encoded.write(joined, at, 'latin1');
  for (let index = 0; index < strings.length; index++) {
    const text = strings[index] as string;
    const length = isAscii ? text.length : encoded.write(text, at);
    lengths[index] = length;
    at += length;
  }
  return encoded;
}

/** Fills `strings`, which is empty. */
function decode(encoded: Uint8Array, count: number, strings: string[]): string[] {
  const lengths = new Uint32Array(encoded.buffer, encoded.byteOffset, count);
  const text = Buffer.from(encoded.buffer, encoded.byteOffset + 4 * count, encoded.byteLength - 4 * count);
  const whole = text.toString();
  // As many characters as bytes: plain ASCII, where positions in bytes are positions in the text.
  const isAscii = whole.length === text.length;
  let at = 0;
  for (let index = 0; index < count; index++) {
    const end = at + (lengths[index] as number);
    strings.push(isAscii ? whole.slice(at, end) : text.toString('utf8', at, end));
    at = end;
  }
  return strings;
}
