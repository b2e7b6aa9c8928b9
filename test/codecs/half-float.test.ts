import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberToBfloat16, numberToHalf } from '../../src/codecs/half-float.js';
import { bfloat16ToNumber, halfToNumber } from '../../src/core/half-values.js';
import { exactlyRounded, formats } from './exact-rounding.js';

const patterns = Array.from({ length: 0x10000 }, (_, pattern) => pattern);

const codecs = [
  { type: 'FP16', toNumber: halfToNumber, fromNumber: numberToHalf, nan: 0x7e00, infinity: 0x7c00 },
  { type: 'BF16', toNumber: bfloat16ToNumber, fromNumber: numberToBfloat16, nan: 0x7fc0, infinity: 0x7f80 },
] as const;

for (const { type, toNumber, fromNumber, nan, infinity } of codecs) {
  test(`${type}: every pattern survives the way to a number and back, but for the kinds of NaN`, () => {
    for (const pattern of patterns) {
      const isNotANumber = (pattern & 0x7fff) > infinity;
      assert.equal(fromNumber(toNumber(pattern)), isNotANumber ? nan : pattern);
    }
  });

  test(`${type}: values grow with their patterns`, () => {
    for (let pattern = 0; pattern < infinity; pattern++) assert.ok(toNumber(pattern) < toNumber(pattern + 1));
  });

  test(`${type}: numbers between two values go to the nearest, midpoints to the even one`, () => {
    for (let pattern = 0; pattern < infinity; pattern++) {
      const low = toNumber(pattern);
      const high = pattern + 1 === infinity ? 2 ** (formats[type].greatest + 1) : toNumber(pattern + 1);
      const middle = (low + high) / 2;
      assert.equal(fromNumber(middle), pattern + (pattern & 1));
      assert.equal(fromNumber(middle * (1 - Number.EPSILON)), pattern);
      assert.equal(fromNumber(-middle * (1 + Number.EPSILON)), (pattern + 1) | 0x8000);
    }
  });

  test(`${type}: well-known values, zeros, and what is too large or too small`, () => {
    for (const value of [0, -0, 1, -2, 0.1, 65504, 65519, 65520, 1e-8, 3e38, 3.4e38, 1e300, 5e-324]) {
      assert.ok(
        Object.is(
          toNumber(fromNumber(value)),
          exactlyRounded(String(Object.is(value, -0) ? '-0' : value), formats[type]),
        ),
      );
    }
    assert.equal(fromNumber(Number.POSITIVE_INFINITY), infinity);
    assert.equal(fromNumber(Number.NEGATIVE_INFINITY), infinity | 0x8000);
  });
}
