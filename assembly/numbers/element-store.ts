import { nearestDouble, notDecided } from './decimal-to-double';
import * as type from './element-type';
import { powersOfTen } from './memory';
import { narrow } from './narrow-float';

/** More than any error that a product or quotient of two rounded doubles has picked up. */
const errorBound: f64 = 1.0 / 1125899906842624.0;

/**
 * Stores mantissa × 10^exponent as an element and returns its size in bytes, or 0 where it is no value of the type,
 * beyond its largest, or its rounding cannot be decided here.
 */
export function storeElement(
  out: usize,
  elementType: i32,
  negative: u32,
  mantissa: u64,
  exponent: i32,
  isInteger: bool,
): usize {
  if (elementType < type.float16) return isInteger ? storeInteger(out, elementType, negative, mantissa) : 0;
  if (elementType === type.float64) return storeDouble(out, negative, mantissa, exponent);
  if (exponent < -64 || exponent > 64) return 0;
  const power = load<f64>(powersOfTen + ((<usize>abs(exponent)) << 3));
  const value = exponent < 0 ? <f64>mantissa / power : <f64>mantissa * power;
  // A whole number below 2^53 is exact; anything else is settled only where all that it may be rounds alike.
  const margin = exponent === 0 && mantissa >> 53 === 0 ? 0 : value * errorBound;
  if (elementType === type.float32) {
    const low = <f32>(value - margin);
    store<u32>(out, reinterpret<u32>(low) | (negative << 31));
    // Two infinities differ by no number, and zero from none.
    return low - <f32>(value + margin) === 0 ? 4 : 0;
  }
  const fractionBits = elementType === type.float16 ? 10 : 7;
  const leastExponent = elementType === type.float16 ? -14 : -126;
  const low = narrow(value - margin, fractionBits, leastExponent);
  store<u16>(out, <u16>(low | (negative << 15)));
  const infinity: u32 = elementType === type.float16 ? 0x7c00 : 0x7f80;
  return low === narrow(value + margin, fractionBits, leastExponent) && low !== infinity ? 2 : 0;
}

function storeInteger(out: usize, elementType: i32, negative: u32, magnitude: u64): usize {
  const size: usize = 1 << (elementType & 3);
  const bits = 8 * <u64>size;
  const positiveLimit = elementType < type.uint8 ? ((<u64>1) << (bits - 1)) - 1 : <u64>-1 >> (64 - bits);
  const negativeLimit = elementType < type.uint8 ? (<u64>1) << (bits - 1) : 0;
  if (magnitude > (negative !== 0 ? negativeLimit : positiveLimit)) return 0;
  // Little-endian: the bytes above the element's own are those of the next one.
  store<u64>(out, negative !== 0 ? 0 - magnitude : magnitude);
  return size;
}

function storeDouble(out: usize, negative: u32, mantissa: u64, exponent: i32): usize {
  const value = nearestDouble(mantissa, exponent);
  store<u64>(out, reinterpret<u64>(value) | ((<u64>negative) << 63));
  return value === notDecided ? 0 : 8;
}
