import { powersOfTen } from './memory';
import { binaryExponent, highProduct, widePowerHigh, widePowerLow } from './wide-product';

/** Stands for "has to be read another way"; no number is negative here. */
export const notDecided: f64 = -1;

/**
 * The double nearest to mantissa × 10^exponent. Small cases are one exact operation of the processor; the others follow
 * Eisel and Lemire ("Number Parsing at a Gigabyte per Second", 2021), leaving to the host what that leaves open,
 * subnormals and overflow.
 */
export function nearestDouble(mantissa: u64, exponent: i32): f64 {
  if (mantissa >> 53 === 0 && exponent >= -22 && exponent <= 22) {
    const power = load<f64>(powersOfTen + ((<usize>abs(exponent)) << 3));
    return exponent < 0 ? <f64>mantissa / power : <f64>mantissa * power;
  }
  if (mantissa === 0) return 0;
  // Within these bounds no mantissa of 19 digits leaves the range of normal values.
  if (exponent < -300 || exponent > 288) return notDecided;

  const shift = clz(mantissa);
  const significand = mantissa << shift;
  const power = widePowerHigh(exponent);
  let high = highProduct(significand, power);
  let low = significand * power;
  if ((high & 0x1ff) === 0x1ff) {
    // The bits below decide; the low half of the power makes them exact enough.
    const more = highProduct(significand, widePowerLow(exponent));
    low += more;
    if (low < more) high++;
  }
  const top = i32(high >> 63);
  let fraction = high >> (top + 9);
  // Halfway between two doubles, as far as the product tells.
  if (low <= 1 && (fraction & 3) === 1 && fraction << (top + 9) === high) return notDecided;
  fraction = (fraction + (fraction & 1)) >> 1;
  // A carry out of the fraction counts up the exponent.
  const biased = <u64>(binaryExponent(exponent) + 1086 + top - i32(shift));
  return reinterpret<f64>(((biased - 1) << 52) + fraction);
}
