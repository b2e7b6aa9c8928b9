/** 10^0 to 10^64, each the nearest double. */
export function powersOfTen(): Float64Array {
  return Float64Array.from({ length: 65 }, (_, exponent) => Number(`1e${exponent}`));
}

const leastExponent = -342;
const greatestExponent = 324;
const significandBits = 128;

/**
 * 10^-342 to 10^324 as 128-bit significands with their highest bit set, low half before high half. Exact from 10^0 to
 * 10^55, rounded up from 10^-27 to 10^-1, else rounded down.
 */
export function widePowersOfTen(): BigUint64Array {
  const halves: bigint[] = [];
  for (let exponent = leastExponent; exponent <= greatestExponent; exponent++) {
    const significand = significandOf(exponent);
    halves.push(significand & 0xffff_ffff_ffff_ffffn, significand >> 64n);
  }
  return BigUint64Array.from(halves);
}

/** The powers of two in 10^exponent only shift it: those of five give the bits. */
function significandOf(exponent: number): bigint {
  const power = 5n ** BigInt(Math.abs(exponent));
  const bits = power.toString(2).length;
  if (exponent >= 0) {
    return bits > significandBits ? power >> BigInt(bits - significandBits) : power << BigInt(significandBits - bits);
  }
  const reciprocal = (1n << BigInt(bits + significandBits - 1)) / power;
  return exponent >= -27 ? reciprocal + 1n : reciprocal;
}
