/** A binary floating-point format. */
export interface Format {
  /** Bits of significand, the leading one included. */
  readonly precision: number;
  /** Exponents of the least and the greatest normal value. */
  readonly least: number;
  readonly greatest: number;
}

export const formats = {
  FP64: { precision: 53, least: -1022, greatest: 1023 },
  FP32: { precision: 24, least: -126, greatest: 127 },
  FP16: { precision: 11, least: -14, greatest: 15 },
  BF16: { precision: 8, least: -126, greatest: 127 },
} as const satisfies Record<string, Format>;

/** The value of a JSON number in a format, rounded once, ties to even: by exact fractions, slowly. */
export function exactlyRounded(text: string, { precision, least, greatest }: Format): number {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const negate = (value: number) => (sign === '-' ? -value : value);
  const digits = (whole + fraction).replace(/^0+/, '');
  const scale = Number(power) - fraction.length;
  if (digits === '' || scale + digits.length < -400) return negate(0);
  if (scale > 400) return negate(Infinity);
  const numerator = BigInt(digits) * 10n ** BigInt(Math.max(scale, 0));
  const denominator = 10n ** BigInt(Math.max(-scale, 0));

  let exponent = numerator.toString(2).length - denominator.toString(2).length;
  if (isBelowPowerOfTwo(numerator, denominator, exponent)) exponent--;
  const last = Math.max(exponent, least) - precision + 1;
  const scaledUp = numerator << BigInt(Math.max(-last, 0));
  const scaledDown = denominator << BigInt(Math.max(last, 0));
  const below = scaledUp / scaledDown;
  const rest = 2n * (scaledUp % scaledDown);
  const roundsUp = rest > scaledDown || (rest === scaledDown && below % 2n === 1n);
  const steps = below + (roundsUp ? 1n : 0n);
  if (steps >= 1n << BigInt(greatest - last + 1)) return negate(Infinity);
  // In two steps, neither of which rounds: 2^-1074 itself is no product of normal powers.
  return negate(Number(steps) * 2 ** Math.max(last, -1022) * 2 ** Math.min(last + 1022, 0));
}

function isBelowPowerOfTwo(numerator: bigint, denominator: bigint, exponent: number): boolean {
  return exponent >= 0 ? numerator < denominator << BigInt(exponent) : numerator << BigInt(-exponent) < denominator;
}
