import { highProduct } from './wide-product';

/* Decimal digits as text and as numbers, 8 or 16 at a time. */

/** 10^i, i from 0 to 19. */
const powers: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

/** value / 10; a product costs a third of a 64-bit division. */
export function quotientOf10(value: u64): u64 {
  return highProduct(value, 0xcccccccccccccccd) >> 3;
}

/** value / 10^8. */
export function quotientOf100000000(value: u64): u64 {
  return highProduct(value, 0xabcc77118461cefd) >> 26;
}

export function powerOfTen(exponent: i32): u64 {
  return load<u64>(powers + ((<usize>exponent) << 3));
}

/** How many digits `value` has; 1 for 0. */
export function digitCount(value: u64): i32 {
  // 1233 / 4096 is the decimal logarithm of 2, a little less.
  const guess = ((64 - i32(clz(value | 1))) * 1233) >> 12;
  return guess + i32(value >= powerOfTen(guess) || guess === 0);
}

/** The values of the bytes that are digits; 0 for all others. */
export function digitValues(text: v128): v128 {
  const values = i8x16.sub(text, i8x16.splat(0x30));
  return v128.and(values, i8x16.lt_u(values, i8x16.splat(10)));
}

/** Bit i tells that byte i is no digit. Bit 16 is always set. */
export function nonDigits(text: v128): i32 {
  return i8x16.bitmask(i8x16.lt_u(i8x16.sub(text, i8x16.splat(0x30)), i8x16.splat(10))) ^ 0x1ffff;
}

/** The number that the first `length` bytes write when those that are no digits count as 0 and the one at `skipped` (-1: none) as nothing. */
export function numberOf(text: v128, length: i32, skipped: i32): u64 {
  // Bytes move to the right end, where units stand; indexes below 0 bring in zeros.
  const source = i8x16.sub(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(16 - length)));
  const before = i8x16.lt_s(source, i8x16.splat(<i8>skipped + 1));
  const digits = i8x16.swizzle(digitValues(text), i8x16.add(source, before));
  // Neighbours are joined to lanes below 100, then below 10^4, then below 10^8.
  const tens = i16x8.mul(v128.and(digits, i16x8.splat(0xff)), i16x8.splat(10));
  const pairs = i16x8.add(tens, i16x8.shr_u(digits, 8));
  const quads = i32x4.dot_i16x8_s(pairs, i32x4.splat(0x00010064));
  const octets = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(quads, quads), i32x4.splat(0x00012710));
  return <u64>(<u32>i32x4.extract_lane(octets, 0)) * 100000000 + <u64>(<u32>i32x4.extract_lane(octets, 1));
}

/** Eight bytes of text, the first digit lowest, for a value below 10^8, with leading zeros. */
export function eightDigits(value: u32): u64 {
  const quads = <u64>(value / 10000) | ((<u64>(value % 10000)) << 32);
  const hundreds = ((quads * 10486) >> 20) & 0x0000007f0000007f;
  const pairs = hundreds | ((quads - 100 * hundreds) << 16);
  const tens = ((pairs * 103) >> 10) & 0x000f000f000f000f;
  return (tens | ((pairs - 10 * tens) << 8)) + 0x3030303030303030;
}
