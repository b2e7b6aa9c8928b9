import type { DataType } from '../core/data-type.js';

/** So many digits and powers of ten are whole doubles, so that one division rounds once: to the right double. */
const mostDigits = 15;
const powersOfTen = Array.from({ length: mostDigits + 1 }, (_, exponent) => 10 ** exponent);

const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
const lowWord = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
/** What a double has beyond a float's 24 bits, and the value of it that lies halfway between two floats. */
const surplusBits = 0x1fffffff;
const halfway = 0x10000000;
const smallestNormalFloat = 2 ** -126;

/** Smallest and largest integer of the types whose elements are plain numbers. */
const integerRanges: Partial<Record<DataType, readonly [number, number]>> = {
  INT8: [-128, 127],
  UINT8: [0, 255],
  INT16: [-32_768, 32_767],
  UINT16: [0, 65_535],
  INT32: [-2_147_483_648, 2_147_483_647],
  UINT32: [0, 4_294_967_295],
};

/**
 * The element of the type that a number token from `start` to `end` stands for, rounded once. NaN where that takes more
 * than a few steps: other types, exponents, more digits, integers out of range, words.
 */
export function shortDecimal(bytes: Uint8Array, start: number, end: number, dataType: DataType): number {
  if (dataType === 'FP64') return decimalOf(bytes, start, end, true);
  if (dataType === 'FP32') {
    const value = decimalOf(bytes, start, end, true);
    return roundsToFloatAtOnce(value) ? value : Number.NaN;
  }
  const range = integerRanges[dataType];
  if (range === undefined) return Number.NaN;
  const value = decimalOf(bytes, start, end, false);
  return value >= range[0] && value <= range[1] ? value : Number.NaN;
}

/** A double on its way to a float is rounded twice; it matters only where the first rounding ends halfway. */
function roundsToFloatAtOnce(value: number): boolean {
  if (value === 0) return true;
  double[0] = value;
  return Math.abs(value) >= smallestNormalFloat && ((doubleWords[lowWord] as number) & surplusBits) !== halfway;
}

function decimalOf(bytes: Uint8Array, start: number, end: number, mayHavePoint: boolean): number {
  const isNegative = bytes[start] === 0x2d;
  let at = isNegative ? start + 1 : start;
  if (end - at > mostDigits + 1) return Number.NaN;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x30 && byte <= 0x39) {
      digits = 10 * digits + (byte - 0x30);
      if (decimals >= 0) decimals++;
    } else if (byte === 0x2e && mayHavePoint) decimals = 0;
    else return Number.NaN;
  }
  if (digits > 999_999_999_999_999) return Number.NaN;
  const value = decimals > 0 ? digits / (powersOfTen[decimals] as number) : digits;
  return isNegative ? -value : value;
}
