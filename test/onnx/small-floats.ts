interface Format {
  readonly mantissaBits: number;
  readonly bias: number;
  /** Codes that are not numbers. */
  readonly notNumbers: (code: number) => boolean;
  readonly hasInfinity: boolean;
}

const formats: Readonly<Record<string, Format>> = {
  X_FP8E4M3FN: { mantissaBits: 3, bias: 7, notNumbers: (code) => (code & 0x7f) === 0x7f, hasInfinity: false },
  X_FP8E4M3FNUZ: { mantissaBits: 3, bias: 8, notNumbers: (code) => code === 0x80, hasInfinity: false },
  X_FP8E5M2: { mantissaBits: 2, bias: 15, notNumbers: (code) => (code & 0x7f) > 0x7c, hasInfinity: true },
  X_FP8E5M2FNUZ: { mantissaBits: 2, bias: 16, notNumbers: (code) => code === 0x80, hasInfinity: false },
};

/** The value of an 8-bit float's code; other types' elements are values already. */
export function smallFloatValue(datatype: string, element: number | string | boolean): number | string | boolean {
  const code = Number(element);
  if (datatype === 'X_FP8E8M0') return code === 0xff ? Number.NaN : 2 ** (code - 127);
  const format = formats[datatype];
  return format === undefined ? element : decode(format, code);
}

function decode({ mantissaBits, bias, notNumbers, hasInfinity }: Format, code: number): number {
  if (notNumbers(code)) return Number.NaN;
  const sign = code & 0x80 ? -1 : 1;
  const exponent = (code & 0x7f) >> mantissaBits;
  const fraction = (code & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  if (hasInfinity && (code & 0x7f) === 0x7c) return sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}
