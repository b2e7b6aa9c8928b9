import { writeDecimal, writeWhole } from './decimal-layout';
import * as type from './element-type';
import { decimalDigits, decimalExponent, shortestOfDouble, shortestOfSingle } from './shortest-decimal';

/**
 * Writes `count` elements from `from` on, with commas between them, to `to`; returns where the text ends.
 * `nonFinite`: 0 writes null for NaN and the infinities, 1 the bare word, 2 the word in quotes.
 */
export function write(from: usize, count: i32, elementType: i32, to: usize, nonFinite: i32): usize {
  const size = sizeOf(elementType);
  let out = to;
  for (let i = 0; i < count; i++) {
    if (i > 0) store<u8>(out++, 0x2c);
    if (elementType < type.float16) out = writeInteger(from, elementType, out);
    else out = writeFloat(from, elementType, out, nonFinite);
    from += size;
  }
  return out;
}

function sizeOf(elementType: i32): usize {
  if (elementType < type.float16) return (<usize>1) << (elementType & 3);
  return elementType < type.float32 ? 2 : elementType === type.float32 ? 4 : 8;
}

function writeInteger(from: usize, elementType: i32, out: usize): usize {
  const unused: u64 = 64 - (8 << (elementType & 3));
  const bits = load<u64>(from) << unused;
  if (elementType >= type.uint8 || <i64>bits >= 0) return writeWhole(bits >> unused, out);
  store<u8>(out, 0x2d);
  return writeWhole(0 - <u64>(<i64>bits >> unused), out + 1);
}

function writeFloat(from: usize, elementType: i32, out: usize, nonFinite: i32): usize {
  if (elementType === type.float32) return writeBinary((<u64>load<u32>(from)) << 32, 8, 23, out, nonFinite);
  if (elementType === type.float64) return writeBinary(load<u64>(from), 11, 52, out, nonFinite);
  const bits = (<u64>load<u16>(from)) << 48;
  if (elementType === type.float16) return writeBinary(bits, 5, 10, out, nonFinite);
  return writeBinary(bits, 8, 7, out, nonFinite);
}

/** Writes the value whose pattern stands at the top of `bits`: a sign, then the exponent, then the fraction. */
function writeBinary(bits: u64, exponentBits: i32, fractionBits: i32, out: usize, nonFinite: i32): usize {
  const fraction = (bits << (1 + exponentBits)) >> (64 - fractionBits);
  const biased = <i32>((bits << 1) >> (64 - exponentBits));
  const negative = bits >> 63;
  if (biased === (1 << exponentBits) - 1) return writeNonFinite(fraction !== 0, negative !== 0, out, nonFinite);
  store<u8>(out, 0x2d);
  out += <usize>negative;
  if (biased === 0 && fraction === 0) {
    store<u32>(out, 0x302e30); // 0.0
    return out + 3;
  }
  const significand = fraction | (u64(biased !== 0) << fractionBits);
  const exponent = max(biased, 1) - (1 << (exponentBits - 1)) + 1 - fractionBits;
  const lowerIsCloser = fraction === 0 && biased > 1;
  if (fractionBits > 24) shortestOfDouble(significand, exponent, lowerIsCloser);
  else shortestOfSingle(<u32>significand, exponent, lowerIsCloser);
  return writeDecimal(decimalDigits, decimalExponent, out);
}

function writeNonFinite(notANumber: bool, negative: bool, out: usize, nonFinite: i32): usize {
  if (nonFinite === 0) {
    store<u32>(out, 0x6c6c756e); // null
    return out + 4;
  }
  const quotes = <usize>(nonFinite === 2);
  store<u8>(out, 0x22);
  out += quotes;
  if (notANumber) {
    store<u32>(out, 0x4e614e); // NaN
    out += 3;
  } else {
    store<u8>(out, 0x2d);
    out += <usize>negative;
    store<u64>(out, 0x7974696e69666e49); // Infinity
    out += 8;
  }
  store<u8>(out, 0x22);
  return out + quotes;
}
