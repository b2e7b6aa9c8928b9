import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonDifference, showPath } from '../../src/golden/compare-json.js';

const tolerance = { absolute: 0.01, relative: 0.1 };
const compare = (got: unknown, expected: unknown): string | undefined => {
  const found = jsonDifference(got, expected, () => tolerance);
  return found && `${showPath(found.path)}: ${found.message}`;
};

const same: readonly [why: string, got: unknown, expected: unknown][] = [
  ['a number within both tolerances together', { y: [10.9] }, { y: [10] }],
  ['at the edge', 11.01, 10],
  ['around zero only the absolute one counts', -0.01, 0],
  ['NaN is NaN', [Number.NaN], [Number.NaN]],
  ['an infinity is itself', [-Infinity], [-Infinity]],
  ['NaN that was written as null', [Number.NaN], [null]],
  ['NaN that was written as a text', [Number.NaN], ['NaN']],
  ['an infinity that was written as a text', [-Infinity], ['-Infinity']],
  ['keys in another order', { a: 1, b: 'x' }, { b: 'x', a: 1 }],
];

for (const [why, got, expected] of same) {
  test(`is the same: ${why}`, () => assert.equal(compare(got, expected), undefined));
}

const different: readonly [got: unknown, expected: unknown, message: string][] = [
  [{ y: [1, 11.1] }, { y: [1, 10] }, 'y[1]: expected 10 within 1.01, got 11.1'],
  [[Number.NaN], [1], '[0]: expected 1 within 0.11, got NaN'],
  [[1], [Number.NaN], '[0]: expected NaN, got 1'],
  [[Infinity], [-Infinity], '[0]: expected -Infinity, got Infinity'],
  [[Infinity], [1e308], '[0]: expected 1e+308 within 1e+307, got Infinity'],
  [[Infinity], ['-Infinity'], '[0]: expected "-Infinity", got Infinity'],
  [[1], [null], '[0]: expected null, got 1'],
  [['a'], ['b'], '[0]: expected "b", got "a"'],
  [['1'], [1], '[0]: expected 1, got "1"'],
  [[true], [1], '[0]: expected 1, got true'],
  [[[1], [2]], [[1]], ': expected 1 items, got 2'],
  [{ rows: [{ a: 1 }] }, { rows: [{}] }, 'rows[0].a: expected nothing, got 1'],
  [{ rows: [{}] }, { rows: [{ a: 1 }] }, 'rows[0].a: expected 1, got nothing'],
  [{ toString: 1 }, {}, 'toString: expected nothing, got 1'],
];

for (const [got, expected, message] of different) {
  test(`is different: ${message}`, () => assert.equal(compare(got, expected), message));
}
