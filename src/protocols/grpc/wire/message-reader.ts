import { decodeUtf8 } from '../../../codecs/utf8.js';
import { invalidArgument, type ServingError } from '../../../core/serving-error.js';

/** How a field's value is written. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const kinds: Readonly<Record<number, string>> = {
  0: 'a varint',
  1: '8 bytes',
  2: 'a length and bytes',
  3: 'a group',
  4: 'the end of a group',
  5: '4 bytes',
};

/** Is given the lower and the upper 32 bits. */
export type EachInteger = (low: number, high: number) => void;

/** Exact as far as a number is. */
export const int64Of = (low: number, high: number): number => (high | 0) * 0x1_0000_0000 + (low >>> 0);

/**
 * Reads the fields of one protobuf message where it lies: nothing is copied, and what is not asked for is skipped. Throws
 * INVALID_ARGUMENT that says where the bytes are no message.
 *
 * ```
 * for (let field = reader.next(); field !== 0; field = reader.next()) {
 *   if (field === 1) name = reader.string();
 *   else reader.skip();
 * }
 * ```
 */
export class MessageReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #name: string;
  #at: number;
  #field = 0;
  #wireType = 0;
  /** The two halves of the varint that was read last. */
  #low = 0;
  #high = 0;

  /** `name`: of the message, for what is said of it. */
  constructor(bytes: Buffer, name: string, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#name = name;
    this.#at = from;
    this.#end = to;
  }

  /** The number of the next field; 0 at the end. */
  next(): number {
    if (this.#at === this.#end) return 0;
    this.#varint();
    this.#field = this.#low >>> 3;
    this.#wireType = this.#low & 7;
    if (this.#high !== 0 || this.#field === 0) throw this.#broken('a field has a number from 1 on');
    return this.#field;
  }

  skip(): void {
    switch (this.#wireType) {
      case WireType.varint:
        this.#varint();
        break;
      case WireType.fixed64:
        this.#take(8);
        break;
      case WireType.bytes:
        this.#take(this.#length());
        break;
      case WireType.fixed32:
        this.#take(4);
        break;
      default:
        throw this.#broken(`${kinds[this.#wireType] ?? 'a value of an unknown kind'} is not read here`);
    }
  }

  /** Shares memory with the message. */
  bytes(): Buffer {
    this.#require(WireType.bytes);
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** How long the value is, which is passed over. */
  bytesLength(): number {
    this.#require(WireType.bytes);
    const length = this.#length();
    this.#take(length);
    return length;
  }

  string(): string {
    const text = decodeUtf8(this.bytes());
    if (text === undefined) throw this.#broken('its text is not UTF-8');
    return text;
  }

  message(name: string): MessageReader {
    this.#require(WireType.bytes);
    const length = this.#length();
    const start = this.#take(length);
    return new MessageReader(this.#bytes, name, start, start + length);
  }

  bool(): boolean {
    this.#require(WireType.varint);
    this.#varint();
    return this.#low !== 0 || this.#high !== 0;
  }

  int64(): number {
    this.#require(WireType.varint);
    this.#varint();
    return int64Of(this.#low, this.#high);
  }

  uint64(): number {
    this.#require(WireType.varint);
    this.#varint();
    return (this.#high >>> 0) * 0x1_0000_0000 + (this.#low >>> 0);
  }

  double(): number {
    this.#require(WireType.fixed64);
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Of a repeated field of integers, packed or one by one. */
  integers(each: EachInteger): void {
    if (this.#wireType === WireType.varint) {
      this.#varint();
      each(this.#low, this.#high);
    } else this.message(this.#name).packedIntegers(each);
  }

  /** Where there are no fields but integers, one after another. */
  packedIntegers(each: EachInteger): void {
    while (this.#at < this.#end) {
      this.#varint();
      each(this.#low, this.#high);
    }
  }

  /** The value as it lies there, whatever its kind: of a repeated field of numbers, packed or one. */
  numbers(): Buffer {
    const start = this.#at;
    if (this.#wireType === WireType.bytes) return this.bytes();
    this.skip();
    return this.#bytes.subarray(start, this.#at);
  }

  #require(wireType: number): void {
    if (this.#wireType === wireType) return;
    throw this.#broken(`expected ${kinds[wireType]}, got ${kinds[this.#wireType] ?? 'a value of an unknown kind'}`);
  }

  #length(): number {
    this.#varint();
    const length = this.#low >>> 0;
    const left = this.#end - this.#at;
    if (this.#high === 0 && length <= left) return length;
    throw this.#broken(`its length says ${this.#high === 0 ? `${length} bytes` : 'more than 4 GiB'}, ${left} are left`);
  }

  /** Where the bytes begin, which are then behind. */
  #take(count: number): number {
    const start = this.#at;
    if (this.#end - start < count) throw this.#broken(`${count} bytes are needed, ${this.#end - start} are left`);
    this.#at = start + count;
    return start;
  }

  #varint(): void {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw this.#broken('a number is cut off');
      const byte = bytes[this.#at++] as number;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw this.#broken('a number is longer than 10 bytes');
  }

  #broken(why: string): ServingError {
    const field = this.#field === 0 ? '' : `, field ${this.#field}`;
    return invalidArgument(`${this.#name}${field}: not valid protobuf at byte ${this.#at}: ${why}`);
  }
}
