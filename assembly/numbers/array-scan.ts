/*
 * Checks that a text is an array of numbers (and of such arrays) without looking at single bytes: 64 bytes become one
 * 64-bit mask for each kind of character, bit i for byte i, and the grammar becomes arithmetic on masks.
 *
 * `x << 1` is "the byte before is an x". Adding a mask to a mask of runs sends a carry along each run, which answers
 * "does an x come earlier in this run" for a whole block at once. What crosses from block to block is kept below, one
 * bit each.
 */

import { secondResult } from './memory';

/** Returned when the array does not end before `end`: all is well so far. */
const unfinished: usize = 0;
/** Returned for what is no array of plain numbers, or no well-formed one. */
const other: usize = 1;

let numberCount: i32 = 0;
let depth: i32 = 0;
let digitBefore: u64 = 0;
let numberBefore: u64 = 0;
let pointBefore: u64 = 0;
let exponentBefore: u64 = 0;
let signBefore: u64 = 0;
let leadingMinusBefore: u64 = 0;
let leadingZeroBefore: u64 = 0;
let closeBefore: u64 = 0;
let markCarry: u64 = 0;
let exponentCarry: u64 = 0;
let afterCommaCarry: u64 = 0;
let afterOpenCarry: u64 = 0;
let afterValueCarry: u64 = 0;

/** Prepares for another array. */
function start(): void {
  numberCount = 0;
  depth = 0;
  digitBefore = 0;
  numberBefore = 0;
  pointBefore = 0;
  exponentBefore = 0;
  signBefore = 0;
  leadingMinusBefore = 0;
  leadingZeroBefore = 0;
  closeBefore = 0;
  markCarry = 0;
  exponentCarry = 0;
  // The array itself comes where a value may.
  afterCommaCarry = 1;
  afterOpenCarry = 0;
  afterValueCarry = 0;
}

/**
 * Scans blocks of 64 bytes as long as they start before `end`. `isStart`: the array starts at `from`; else it goes on
 * there, the last call having ended on a whole block. Returns where the array ends, with the number of its
 * numbers as second result, or one of the two above.
 */
export function scan(from: usize, end: usize, maxDepth: i32, isStart: bool): usize {
  if (isStart) start();
  let arrayEnd = end;
  for (let at = from; at < end; at += 64) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const digits = digitMask(a, b, c, d);
    const points = equalMask(a, b, c, d, 0x2e);
    const commas = equalMask(a, b, c, d, 0x2c);
    const minuses = equalMask(a, b, c, d, 0x2d);
    const opens = equalMask(a, b, c, d, 0x5b);
    const closes = equalMask(a, b, c, d, 0x5d);
    let spaces = equalMask(a, b, c, d, 0x20);
    let exponents: u64 = 0;
    let pluses: u64 = 0;
    let strange = ~(digits | points | commas | minuses | opens | closes | spaces);
    if (strange !== 0) {
      exponents = equalMask(a, b, c, d, 0x65) | equalMask(a, b, c, d, 0x45);
      pluses = equalMask(a, b, c, d, 0x2b);
      spaces |= equalMask(a, b, c, d, 0x0a) | equalMask(a, b, c, d, 0x0d) | equalMask(a, b, c, d, 0x09);
      strange &= ~(exponents | pluses | spaces);
    }

    // Behind the text lies what was there before.
    const text: u64 = at + 64 <= end ? ~0 : ((<u64>1) << (end - at)) - 1;
    strange |= ~text;

    let inside: u64 = ~0;
    for (let brackets = (opens | closes) & text; brackets !== 0; brackets &= brackets - 1) {
      const bit = ctz(brackets);
      if (((opens >> bit) & 1) !== 0) {
        if (++depth > maxDepth) return other;
      } else if (--depth === 0) {
        inside = ((<u64>2) << bit) - 1;
        arrayEnd = at + <usize>bit + 1;
        break;
      }
    }

    const numbers = digits | points | exponents | minuses | pluses;
    const afterDigit = (digits << 1) | digitBefore;
    const afterNumber = (numbers << 1) | numberBefore;
    const afterExponent = (exponents << 1) | exponentBefore;
    const afterPoint = (points << 1) | pointBefore;
    const signs = minuses | pluses;
    const afterSign = (signs << 1) | signBefore;
    const starts = numbers & ~afterNumber;
    const leadingMinuses = minuses & starts;
    const leadingZeros = equalMask(a, b, c, d, 0x30) & (starts | (leadingMinuses << 1) | leadingMinusBefore);
    let faults = starts & ~(digits | minuses);
    faults |= (points | exponents) & ~afterDigit;
    faults |= (afterPoint | afterSign) & ~digits;
    faults |= afterExponent & ~(digits | signs);
    faults |= (minuses & ~starts & ~afterExponent) | (pluses & ~afterExponent);
    faults |= ((leadingZeros << 1) | leadingZeroBefore) & digits;

    const marks = points | exponents;
    const laterMarks = numbers + marks + markCarry;
    faults |= points & laterMarks;
    markCarry = carryOf(numbers, marks, laterMarks);
    const laterExponents = numbers + exponents + exponentCarry;
    faults |= exponents & laterExponents;
    exponentCarry = carryOf(numbers, exponents, laterExponents);

    const comma = commas << 1;
    const afterComma = comma + spaces + afterCommaCarry;
    const open = opens << 1;
    const afterOpen = open + spaces + afterOpenCarry;
    const valueEnd = (afterNumber & ~numbers) | (closes << 1) | closeBefore;
    const afterValue = valueEnd + spaces + afterValueCarry;
    faults |= (starts | opens) & ~(afterComma | afterOpen);
    faults |= closes & ~(afterOpen | afterValue);
    faults |= commas & ~afterValue;

    numberCount += i32(popcnt(starts & inside));
    if (((faults | strange) & inside) !== 0) return other;
    if (depth === 0) {
      store<i32>(secondResult, numberCount);
      return arrayEnd;
    }

    afterCommaCarry = (commas >> 63) | carryOf(comma, spaces, afterComma);
    afterOpenCarry = (opens >> 63) | carryOf(open, spaces, afterOpen);
    afterValueCarry = carryOf(valueEnd, spaces, afterValue);
    digitBefore = digits >> 63;
    numberBefore = numbers >> 63;
    pointBefore = points >> 63;
    exponentBefore = exponents >> 63;
    signBefore = signs >> 63;
    leadingMinusBefore = leadingMinuses >> 63;
    leadingZeroBefore = leadingZeros >> 63;
    closeBefore = closes >> 63;
  }
  return unfinished;
}

/** The bit carried out of `sum = x + y + carry`. */
function carryOf(x: u64, y: u64, sum: u64): u64 {
  return ((x & y) | ((x | y) & ~sum)) >> 63;
}

function digitMask(a: v128, b: v128, c: v128, d: v128): u64 {
  const zero = i8x16.splat(0x30);
  const ten = i8x16.splat(10);
  return join(
    i8x16.bitmask(i8x16.lt_u(i8x16.sub(a, zero), ten)),
    i8x16.bitmask(i8x16.lt_u(i8x16.sub(b, zero), ten)),
    i8x16.bitmask(i8x16.lt_u(i8x16.sub(c, zero), ten)),
    i8x16.bitmask(i8x16.lt_u(i8x16.sub(d, zero), ten)),
  );
}

function equalMask(a: v128, b: v128, c: v128, d: v128, byte: i8): u64 {
  const wanted = i8x16.splat(byte);
  return join(
    i8x16.bitmask(i8x16.eq(a, wanted)),
    i8x16.bitmask(i8x16.eq(b, wanted)),
    i8x16.bitmask(i8x16.eq(c, wanted)),
    i8x16.bitmask(i8x16.eq(d, wanted)),
  );
}

function join(a: i32, b: i32, c: i32, d: i32): u64 {
  return <u64>(<u32>(a | (b << 16))) | ((<u64>(<u32>(c | (d << 16)))) << 32);
}
