/* Decimals as Number.prototype.toString lays them out. Stores may reach up to 32 bytes beyond the text. */
import { digitCount, eightDigits, powerOfTen, quotientOf100000000 } from './digits';

const zeros: u64 = 0x3030303030303030;

/** Writes a whole number; returns where the text ends. */
export function writeWhole(value: u64, out: usize): usize {
  if (value < 100000000) return writeHead(<u32>value, out);
  const high = quotientOf100000000(value);
  const end = high < 100000000 ? writeHead(<u32>high, out) : writeWhole(high, out);
  store<u64>(end, eightDigits(<u32>(value - high * 100000000)));
  return end + 8;
}

/** Writes a number below 10^8 without leading zeros. */
function writeHead(value: u32, out: usize): usize {
  const count = digitCount(value);
  store<u64>(out, eightDigits(value) >> ((<u64>(8 - count)) << 3));
  return out + count;
}

/**
 * Writes value × 10^exponent, of at most 17 digits and not 0, whole numbers with `.0` behind them; returns where the text
 * ends.
 */
export function writeDecimal(value: u64, exponent: i32, out: usize): usize {
  const count = digitCount(value);
  const point = count + exponent;
  // The digits, left-aligned: one, then eight, then eight more where they are needed.
  let lead: u32;
  let first: u64;
  let second = zeros;
  if (count <= 9) {
    const aligned = <u32>value * <u32>powerOfTen(9 - count);
    lead = aligned / 100000000;
    first = eightDigits(aligned % 100000000);
  } else {
    const aligned = value * powerOfTen(17 - count);
    const high = <u32>quotientOf100000000(aligned);
    lead = high / 100000000;
    first = eightDigits(high % 100000000);
    second = eightDigits(<u32>(aligned - <u64>high * 100000000));
  }
  const significant = significantDigits(first, second);
  if (point > 21 || point < -5) return writeScientific(lead, first, second, significant, point - 1, out);
  if (point <= 0) {
    store<u64>(out, 0x3030303030302e30);
    out += 2 - point;
    writeDigits(lead, first, second, out);
    return out + significant;
  }
  writeDigits(lead, first, second, out);
  if (point >= significant) {
    store<u64>(out, zeros, 17);
    store<u16>(out + point, 0x302e);
    return out + point + 2;
  }
  writeFraction(first, second, point - 1, out + point);
  return out + significant + 1;
}

function writeScientific(lead: u32, first: u64, second: u64, significant: i32, exponent: i32, out: usize): usize {
  store<u8>(out++, lead + 0x30);
  if (significant > 1) {
    writeFraction(first, second, 0, out);
    out += significant;
  }
  store<u8>(out, 0x65);
  store<u8>(out, exponent < 0 ? 0x2d : 0x2b, 1);
  return writeHead(abs(exponent), out + 2);
}

/** How many digits stand before the trailing zeros; at least one. */
function significantDigits(first: u64, second: u64): i32 {
  if (second !== zeros) return 17 - (i32(clz(second ^ zeros)) >> 3);
  return 9 - (i32(clz(first ^ zeros)) >> 3);
}

function writeDigits(lead: u32, first: u64, second: u64, out: usize): void {
  store<u8>(out, lead + 0x30);
  store<u64>(out, first, 1);
  store<u64>(out, second, 9);
}

/** Writes the point and the digits behind it: those of `first` and `second` from index `skipped` on. */
function writeFraction(first: u64, second: u64, skipped: i32, out: usize): void {
  store<u8>(out, 0x2e);
  const shift = (<u64>(skipped & 7)) << 3;
  if (skipped >= 8) {
    store<u64>(out, second >> shift, 1);
  } else {
    store<u64>(out, (first >> shift) | ((second << 1) << (63 - shift)), 1);
    store<u64>(out, second >> shift, 9);
  }
}
