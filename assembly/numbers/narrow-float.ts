/* The 16-bit formats: a sign, an exponent, and `fractionBits` bits of fraction. */

/** The pattern nearest to a finite `value` that is not negative, ties to even; beyond the largest: infinity. */
export function narrow(value: f64, fractionBits: i32, leastExponent: i32): u32 {
  const bits = reinterpret<u64>(value);
  const exponent = i32(bits >> 52) - 1023;
  const significand = (bits & 0x000fffffffffffff) | ((<u64>1) << 52);
  const stored = max(exponent, leastExponent);
  const shift = min(52 - fractionBits + stored - exponent, 60);
  const rounded = (significand + (((<u64>1) << (shift - 1)) - 1) + ((significand >> shift) & 1)) >> shift;
  const infinity = (<u32>(2 - 2 * leastExponent + 1)) << fractionBits;
  // The significand's leading bit, and a carry out of the fraction, count up the exponent as they should.
  return min(((<u32>(min(stored, 128) - leastExponent)) << fractionBits) + <u32>rounded, infinity);
}
