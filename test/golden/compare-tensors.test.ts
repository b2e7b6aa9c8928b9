import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberToBfloat16, numberToHalf } from '../../src/codecs/half-float.js';
import type { Tensor } from '../../src/core/tensor.js';
import { tensorDifference } from '../../src/golden/compare-tensors.js';
import { tolerancesOf } from '../../src/golden/tolerance.js';

const usual = tolerancesOf({ versionPolicy: { kind: 'all' }, labels: {}, batching: 'auto' }, undefined);
const floats = (...values: number[]): Tensor => ({
  dataType: 'FP32',
  shape: [1, values.length],
  data: Float32Array.from(values),
});
const integers = (...values: bigint[]): Tensor => ({
  dataType: 'INT64',
  shape: [values.length],
  data: BigInt64Array.from(values),
});

test('floats may differ by the usual tolerance, and say where they differ by more', () => {
  assert.equal(tensorDifference(floats(1, 1000.5), floats(1, 1000), usual), undefined);
  assert.equal(
    tensorDifference(floats(1, 1002), floats(1, 1000), usual),
    'at [0, 1]: expected 1000 within 1, got 1002',
  );
  assert.equal(tensorDifference(floats(Number.NaN), floats(Number.NaN), usual), undefined);
  assert.equal(tensorDifference(floats(Number.NaN), floats(1), usual), 'at [0, 0]: expected 1 within 0.0011, got NaN');
});

test('integers differ at all, unless a tolerance is given', () => {
  assert.equal(tensorDifference(integers(30_001n), integers(30_000n), usual), 'at [0]: expected 30000, got 30001');
  const given = tolerancesOf({ versionPolicy: { kind: 'all' }, labels: {}, batching: 'auto' }, { absolute: 1 });
  assert.equal(tensorDifference(integers(30_001n), integers(30_000n), given), undefined);
});

test('integers that no double tells apart differ', () => {
  assert.match(
    tensorDifference(integers(2n ** 53n + 1n), integers(2n ** 53n), usual) ?? '',
    /expected 9007199254740992, got 9007199254740993/,
  );
});

test('half floats are compared as numbers, whatever they are carried as', () => {
  const half: Tensor = { dataType: 'FP16', shape: [1, 1], data: Uint16Array.of(numberToHalf(1.5)) };
  const brain: Tensor = { dataType: 'BF16', shape: [1, 1], data: Uint16Array.of(numberToBfloat16(1.5)) };
  assert.equal(tensorDifference(floats(1.5), half, usual), undefined);
  assert.equal(tensorDifference(brain, half, usual), undefined);
  assert.equal(
    tensorDifference(floats(1.6), brain, usual),
    'at [0, 0]: expected 1.5 within 0.0016, got 1.600000023841858',
  );
});

test('shapes, types and texts are compared', () => {
  const text = (value: string): Tensor => ({ dataType: 'BYTES', shape: [1], data: [value] });
  assert.equal(tensorDifference(floats(1), { ...floats(1), shape: [1] }, usual), 'expected the shape [1], got [1,1]');
  assert.equal(tensorDifference(floats(1), integers(1n), usual), 'expected INT64, got FP32');
  assert.equal(tensorDifference(text('a'), text('b'), usual), 'at [0]: expected "b", got "a"');
});
