/*
 * The shortest decimal that reads back to a binary value, and of those the nearest: Raffaello Giulietti, "The Schubfach
 * way to render doubles" (2020). A value is significand × 2^exponent; everything that reads back to it lies between the
 * midpoints to its neighbours, which are scaled by a power of ten so that the integers among them are candidates.
 */
import { quotientOf10 } from './digits';
import { binaryExponent, highProduct, isRoundedDown, widePowerHigh, widePowerLow } from './wide-product';

export let decimalDigits: u64 = 0;
/** The value is decimalDigits × 10^decimalExponent. */
export let decimalExponent: i32 = 0;

/** For formats with at most 24 bits of significand. `lowerIsCloser`: the value is a power of two above the subnormals. */
export function shortestOfSingle(significand: u32, exponent: i32, lowerIsCloser: bool): void {
  const scale = decimalScale(exponent, lowerIsCloser);
  const high = widePowerHigh(-scale);
  const power = high + u64(widePowerLow(-scale) !== 0);
  const shift = exponent + binaryExponent(-scale) + 1;
  const middle = significand << 2;
  choose(
    scaledSingle(power, (middle - 2 + u32(lowerIsCloser)) << shift),
    scaledSingle(power, middle << shift),
    scaledSingle(power, (middle + 2) << shift),
    significand & 1,
    scale,
  );
}

/** For doubles. */
export function shortestOfDouble(significand: u64, exponent: i32, lowerIsCloser: bool): void {
  const scale = decimalScale(exponent, lowerIsCloser);
  const high = widePowerHigh(-scale);
  const low = widePowerLow(-scale) + u64(isRoundedDown(-scale));
  const shift = exponent + binaryExponent(-scale) + 1;
  const middle = significand << 2;
  choose(
    scaledDouble(high, low, (middle - 2 + u64(lowerIsCloser)) << shift),
    scaledDouble(high, low, middle << shift),
    scaledDouble(high, low, (middle + 2) << shift),
    significand & 1,
    scale,
  );
}

/** Floor of the decimal logarithm of 2^exponent, or of 3/4 of it, which is the width between the midpoints. */
function decimalScale(exponent: i32, lowerIsCloser: bool): i32 {
  return (exponent * 1262611 - (lowerIsCloser ? 524031 : 0)) >> 22;
}

/** Picks among the integers between the bounds; all three are four times as large as what they stand for. */
function choose(lower: u64, value: u64, upper: u64, odd: u64, scale: i32): void {
  // The bounds themselves round to the even significand.
  lower += odd;
  upper -= odd;
  const below = value >> 2;
  if (below >= 10) {
    const tens = quotientOf10(below);
    const tenBelowFits = lower <= 40 * tens;
    const tenAboveFits = 40 * tens + 40 <= upper;
    if (tenBelowFits !== tenAboveFits) {
      decimalDigits = tens + u64(tenAboveFits);
      decimalExponent = scale + 1;
      return;
    }
  }
  const belowFits = lower <= 4 * below;
  const aboveFits = 4 * below + 4 <= upper;
  const middle = 4 * below + 2;
  const nearestIsAbove = value > middle || (value === middle && (below & 1) !== 0);
  decimalDigits = below + u64(belowFits !== aboveFits ? aboveFits : nearestIsAbove);
  decimalExponent = scale;
}

/** Product over 2^64, its lowest bit telling also whether anything was cut off. */
function scaledSingle(power: u64, factor: u32): u64 {
  const low = (power & 0xffffffff) * <u64>factor;
  const high = (power >> 32) * <u64>factor + (low >> 32);
  return (high >> 32) | u64(<u32>high > 1);
}

/** Product over 2^128, its lowest bit telling also whether anything was cut off. */
function scaledDouble(powerHigh: u64, powerLow: u64, factor: u64): u64 {
  const carried = highProduct(powerLow, factor);
  const low = powerHigh * factor + carried;
  const high = highProduct(powerHigh, factor) + u64(low < carried);
  return high | u64(low > 1);
}
