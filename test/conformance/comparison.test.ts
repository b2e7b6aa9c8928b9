import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../src/core/tensor.js';
import { type CaseResult, isFailure, outcomeOf } from './case-result.js';
import { bfloat16Tolerance, difference } from './difference.js';
import { parseExactJson } from './exact-json.js';
import { nestedJson } from './json-elements.js';

test('integers beyond what a double holds keep their digits, strings and fractions are left alone', () => {
  assert.deepEqual(
    parseExactJson('[9007199254740993, -9223372036854775808, "a 9007199254740993", 0.1234567890123456]'),
    ['9007199254740993', '-9223372036854775808', 'a 9007199254740993', 0.1234567890123456],
  );
});

const floats = (...values: number[]): Tensor => ({
  dataType: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
const longs = (...values: bigint[]): Tensor => ({
  dataType: 'INT64',
  shape: [values.length],
  data: BigInt64Array.from(values),
});
const differ = (actual: Tensor, expected: Tensor) => difference({ y: actual }, { y: expected });

test('floats may differ a little, integers not at all, and NaN is NaN', () => {
  assert.equal(differ(floats(1000.5, Number.NaN, Infinity), floats(1000, Number.NaN, Infinity)), undefined);
  assert.match(differ(floats(1002), floats(1000)) ?? '', /^output "y": 1 of 1 elements differ, first 1002 where 1000/);
  assert.match(differ(floats(0), floats(Number.NaN)) ?? '', /1 of 1 elements differ/);
  assert.match(
    differ(longs(2n ** 62n), longs(2n ** 62n + 1n)) ?? '',
    /"4611686018427387904" where "4611686018427387905"/,
  );
});

test('what is a bfloat16 in the model may differ in its last place', () => {
  const differOf = (value: number) => difference({ y: floats(value) }, { y: floats(0.5) }, () => bfloat16Tolerance);
  assert.equal(differOf(0.498046875), undefined);
  assert.match(differOf(0.49) ?? '', /1 of 1 elements differ/);
});

test('types, shapes and missing outputs are differences', () => {
  assert.match(differ(floats(1), longs(1n)) ?? '', /FP32 where INT64 is expected/);
  assert.match(differ({ ...floats(1, 2), shape: [2, 1] }, floats(1, 2)) ?? '', /shape \[2,1\] where \[2\]/);
  assert.match(difference({}, { y: floats(1) }) ?? '', /output "y": it is missing/);
});

test('tensors nest as their shape has it, scalars and empty axes too', () => {
  const data = Float32Array.of(1, 2, 3, 4);
  assert.equal(nestedJson({ dataType: 'FP32', shape: [2, 2], data }), '[[1,2],[3,4]]');
  assert.equal(nestedJson({ dataType: 'FP32', shape: [], data: data.subarray(0, 1) }), '1');
  assert.equal(nestedJson({ dataType: 'FP32', shape: [2, 0, 3], data: data.subarray(0, 0) }), '[[],[]]');
});

const about = { id: 'x', suite: 'frameworks', group: 'g', bareEngine: 'pass' };
const passed = { kind: 'passed' } as const;
const rejected = { kind: 'rejected', detail: 'no' } as const;

for (const [what, verdicts, outcome, fails] of [
  ['passes when every form passes', { 'v2 JSON': passed, 'v1 columns': passed }, 'passed', false],
  ['is rejected when the first form is', { 'v2 JSON': rejected }, 'rejected', true],
  ['is wrong when only another form is rejected', { 'v2 JSON': passed, 'v1 columns': rejected }, 'wrong', true],
] as const) {
  test(`a case that the engine passes ${what}`, () => {
    const result: CaseResult = { ...about, verdicts };
    assert.deepEqual([outcomeOf(result), isFailure(result)], [outcome, fails]);
  });
}

test('a wrong answer of a model that draws at random is no failure of the server', () => {
  const result: CaseResult = { ...about, isRandom: true, verdicts: { 'v2 JSON': { kind: 'wrong', detail: '' } } };
  assert.equal(isFailure(result), false);
});

test('a wrong answer that is the engine’s own is no failure of the server', () => {
  const result: CaseResult = {
    ...about,
    bareEngine: 'mismatch',
    verdicts: { 'v2 JSON': { kind: 'wrong', detail: '' } },
  };
  assert.equal(isFailure(result), false);
});
