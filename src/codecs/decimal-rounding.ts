/** Rounds a double to the nearest value of a narrower binary type, ties to even. */
export type RoundToType = (value: number) => number;

const bits = new DataView(new ArrayBuffer(8));
/** More digits than any double or midpoint between floats has; what follows only matters as being zero or not. */
const decidingDigits = 800;

/**
 * The value of a decimal text in a narrower type, rounded once. Rounding to a double first goes wrong only where that
 * double is the midpoint of two narrow values and the text lies beside it: there the text itself decides.
 */
export function roundDecimal(text: string, round: RoundToType): number {
  const value = Number(text);
  const rounded = round(value);
  if (!Number.isFinite(value)) return rounded;
  if (round(value * (1 - Number.EPSILON)) === round(value * (1 + Number.EPSILON))) return rounded;
  const below = round(adjacentDouble(value, -1));
  const above = round(adjacentDouble(value, 1));
  if (!isMidpoint(value, rounded, below, above)) return rounded;
  const side = compareDecimal(text, value);
  return side === 0 ? rounded : side < 0 ? below : above;
}

/** `rounded`, `below` and `above` are what a value and the doubles next to it are rounded to. */
function isMidpoint(value: number, rounded: number, below: number, above: number): boolean {
  // Where infinity begins the tie always goes there, as the largest value is odd.
  if (!Number.isFinite(below) || !Number.isFinite(above)) return !Number.isFinite(rounded) && below !== above;
  return below !== above && value - below === above - value;
}

/** The sign of `text - value`, exactly. `value` is finite, not zero and of the text's sign. */
export function compareDecimal(text: string, value: number): number {
  const negative = value < 0;
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.slice(0, decidingDigits);
  const rest = digits.slice(decidingDigits);
  const mantissa = /[1-9]/.test(rest) ? `${kept}1` : kept;
  const scale = Number(exponent) - fraction.length + digits.length - mantissa.length;
  const [significand, power] = decompose(Math.abs(value));
  const left = (BigInt(mantissa || '0') * 10n ** BigInt(Math.max(scale, 0))) << BigInt(Math.max(-power, 0));
  const right = (significand * 10n ** BigInt(Math.max(-scale, 0))) << BigInt(Math.max(power, 0));
  const side = left < right ? -1 : left > right ? 1 : 0;
  return negative ? -side : side;
}

/** `value` as significand × 2^power, exactly. */
function decompose(value: number): [significand: bigint, power: number] {
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number(raw >> 52n);
  const fraction = raw & 0xf_ffff_ffff_ffffn;
  return exponent === 0 ? [fraction, -1074] : [fraction | (1n << 52n), exponent - 1075];
}

/** The next double towards +Infinity (1) or -Infinity (-1). `value` is finite and not zero. */
function adjacentDouble(value: number, direction: 1 | -1): number {
  bits.setFloat64(0, value);
  const step = value > 0 ? BigInt(direction) : BigInt(-direction);
  bits.setBigInt64(0, bits.getBigInt64(0) + step);
  return bits.getFloat64(0);
}
