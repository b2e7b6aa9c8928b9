const bits = new DataView(new ArrayBuffer(8));

/** Value of an IEEE 754 binary16 pattern. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** The binary16 pattern nearest to `value`, ties to even; values from 65520 on are infinite. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, exponentOf(magnitude));
  const steps = roundToEven(magnitude * 2 ** (10 - exponent));
  // A carry out of the fraction lands in the exponent, as it should.
  return sign | (((exponent + 14) << 10) + steps);
}

/** Value of a bfloat16 pattern: the upper half of a binary32. */
export function bfloat16ToNumber(bfloat16: number): number {
  bits.setUint32(0, bfloat16 << 16);
  return bits.getFloat32(0);
}

/** The bfloat16 pattern nearest to `value`, ties to even. */
export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 255.5 * 2 ** 120) return sign | 0x7f80;
  const exponent = Math.max(-126, exponentOf(magnitude));
  const steps = roundToEven(magnitude * 2 ** (7 - exponent));
  return sign | (((exponent + 126) << 7) + steps);
}

/** Floor of the binary logarithm; below the smallest normal double, something below -1022. */
function exponentOf(magnitude: number): number {
  bits.setFloat64(0, magnitude);
  return (bits.getUint16(0) >> 4) - 1023;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
