import { nonDigits, numberOf, powerOfTen } from './digits';
import { storeElement } from './element-store';
import { output, secondResult } from './memory';

/**
 * Reads numbers with commas and white space between them into `output`, up to what is neither or cannot be decided
 * here, or to a number that touches `end`. The text is known to be well-formed. Returns how many were read; the
 * second result is where the next one, or what else comes, starts.
 */
export function read(from: usize, end: usize, elementType: i32): i32 {
  let out = output;
  let at = from;
  let count = 0;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte === 0x2c || byte <= 0x20) {
      at++;
      continue;
    }
    store<u32>(secondResult, <u32>at);
    if (byte - 0x30 > 9 && byte !== 0x2d) return count;

    // Sixteen bytes at a time, the sign among them: most numbers have no more. The lengths differ from number to number,
    // so nothing may branch on them.
    const text = v128.load(at);
    const breaks = nonDigits(text);
    const negative = breaks & 1;
    const whole = ctz(breaks & ~1);
    if (whole === negative) return count;
    let decimals = 0;
    let length = whole;
    let skipped = -1;
    if (load<u8>(at + whole) === 0x2e) {
      if (whole > 14) return count;
      skipped = whole;
      decimals = ctz(breaks >> (whole + 1));
      length = whole + 1 + decimals;
    }
    let mantissa = numberOf(text, length, skipped);
    at += length;
    let isInteger = skipped < 0;
    if (length === 16) {
      // Nineteen digits fit into the mantissa.
      const rest = v128.load(at);
      const more = ctz(nonDigits(rest));
      if (more === 16 || mantissa >= powerOfTen(19 - more)) return count;
      mantissa = mantissa * powerOfTen(more) + numberOf(rest, more, -1);
      at += more;
      if (!isInteger) decimals += more;
      else if (load<u8>(at) === 0x2e) return count;
    }

    let exponent = -decimals;
    if ((load<u8>(at) | 0x20) === 0x65) {
      isInteger = false;
      const sign = <u32>load<u8>(++at);
      if (sign === 0x2d || sign === 0x2b) at++;
      let power = 0;
      for (; ; at++) {
        const digit = <u32>load<u8>(at) - 0x30;
        if (digit > 9) break;
        power = min(power * 10 + <i32>digit, 10000);
      }
      exponent += sign === 0x2d ? -power : power;
    }
    // It may go on behind the end.
    if (at >= end) return count;

    const size = storeElement(out, elementType, <u32>negative, mantissa, exponent, isInteger);
    if (size === 0) return count;
    out += size;
    count++;
  }
  store<u32>(secondResult, <u32>at);
  return count;
}
