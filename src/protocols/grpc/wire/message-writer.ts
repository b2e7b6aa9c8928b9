import { WireType } from './message-reader.js';

const leastCapacity = 128;
const longestVarint = 10;

/** Writes a protobuf message, field by field; empty texts are left out, as the format wants it. */
export class MessageWriter {
  #bytes: Buffer;
  #at = 0;

  /** `capacity`: as many bytes as it is expected to have; it grows beyond. */
  constructor(capacity = leastCapacity) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacity, leastCapacity));
  }

  string(field: number, text: string): this {
    if (text.length === 0) return this;
    const length = Buffer.byteLength(text);
    this.#open(field, length);
    this.#at += this.#bytes.write(text, this.#at);
    return this;
  }

  /** Also where there are none: in a repeated field each counts. */
  bytes(field: number, value: Uint8Array): this {
    this.#open(field, value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** The begin of a field of so many bytes, which are sent behind what this writer wrote. */
  beforeBytes(field: number, length: number): this {
    this.#open(field, length, 0);
    return this;
  }

  message(field: number, message: MessageWriter): this {
    return this.bytes(field, message.finish());
  }

  bool(field: number, value: boolean): this {
    return this.integer(field, value ? 1 : 0);
  }

  /** A whole number from 0 on. */
  integer(field: number, value: number): this {
    this.#reserve(2 * longestVarint);
    this.#varint(field * 8 + WireType.varint);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#reserve(longestVarint + 4);
    this.#varint(field * 8 + WireType.fixed32);
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
    return this;
  }

  double(field: number, value: number): this {
    this.#reserve(longestVarint + 8);
    this.#varint(field * 8 + WireType.fixed64);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    return this;
  }

  /** A packed field of whole numbers from 0 on. */
  integers(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    let length = 0;
    for (const value of values) length += varintLength(value);
    this.#open(field, length);
    for (const value of values) this.#varint(value);
    return this;
  }

  /** A packed field of whole numbers of a tensor. */
  packedNumbers(field: number, values: ArrayLike<number | bigint>): this {
    let length = 0;
    for (let index = 0; index < values.length; index++) length += lengthOf(values[index] as number | bigint);
    this.#open(field, length);
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as number | bigint;
      if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) this.#varint(Number(value));
      else this.#longVarint(BigInt.asUintN(64, BigInt(value)));
    }
    return this;
  }

  #longVarint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  /** Shares memory with this writer, which is not to be used any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #open(field: number, length: number, written = length): void {
    this.#reserve(2 * longestVarint + written);
    this.#varint(field * 8 + WireType.bytes);
    this.#varint(length);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

function lengthOf(value: number | bigint): number {
  if (value < 0) return longestVarint;
  if (value <= Number.MAX_SAFE_INTEGER) return varintLength(Number(value));
  return Math.ceil(BigInt(value).toString(2).length / 7);
}
