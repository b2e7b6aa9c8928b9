import { leastWidePower, widePowers } from './memory';

/** High 64 bits of the product. */
export function highProduct(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const cross = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (cross >> 32);
}

/** High half of 10^exponent's 128-bit significand. */
export function widePowerHigh(exponent: i32): u64 {
  return load<u64>(widePowers + ((<usize>(exponent - leastWidePower)) << 4), 8);
}

/** Low half of it. */
export function widePowerLow(exponent: i32): u64 {
  return load<u64>(widePowers + ((<usize>(exponent - leastWidePower)) << 4));
}

/** Whether the table holds the significand rounded down; else it is exact or rounded up. */
export function isRoundedDown(exponent: i32): bool {
  return exponent < -27 || exponent > 55;
}

/** Floor of the binary logarithm of 10^exponent. */
export function binaryExponent(exponent: i32): i32 {
  return (exponent * 1741647) >> 19;
}
