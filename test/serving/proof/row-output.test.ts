import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType } from '../../../src/core/data-type.js';
import type { TensorData } from '../../../src/core/tensor.js';
import { agrees, areDistinct, type RowOutput, rowOutput } from '../../../src/serving/proof/row-output.js';

const floats = (...values: number[]): RowOutput => ({
  dataType: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});

const of = (dataType: DataType, data: TensorData): RowOutput => ({ dataType, shape: [data.length], data });

test('the part of a row is found along any axis', () => {
  const tensor = {
    name: 'h',
    dataType: 'INT32',
    shape: [2, 3, 2],
    data: Int32Array.from({ length: 12 }, (_, at) => at),
  } as const;
  assert.deepEqual([...rowOutput(tensor, 0, 1).data], [6, 7, 8, 9, 10, 11]);
  assert.deepEqual([...rowOutput(tensor, 1, 2).data], [4, 5, 10, 11]);
  assert.deepEqual(rowOutput(tensor, 1, 2).shape, [2, 2]);
  assert.deepEqual([...rowOutput(tensor, 2, 1).data], [1, 3, 5, 7, 9, 11]);
  assert.equal(rowOutput(tensor, undefined, 0).data.length, 12);
});

test('of a large answer elements from all over it are compared', () => {
  const data = Float32Array.from({ length: 300_000 }, (_, at) => at);
  const { data: part } = rowOutput({ name: 'y', dataType: 'FP32', shape: [1, 300_000], data }, 0, 0);
  assert.ok(part.length <= 1 << 16 && part.length > 1 << 15);
  assert.ok(Number(part.at(-1)) > 299_990);
});

test('rounding is none, a ten-thousandth of what sets rows apart is', () => {
  const [row, other] = [floats(0.5, 0.25), floats(0.4, 0.35)];
  assert.ok(agrees(row, floats(0.5000005, 0.25), other));
  assert.ok(!agrees(row, floats(0.50003, 0.25), other));
});

test('small answers are compared by their own measure', () => {
  assert.ok(!agrees(floats(1e-6), floats(2e-6), floats(3e-6)));
  assert.ok(!agrees(floats(1, 1e-4), floats(1, 1.2e-4), floats(1, 2e-4)));
});

test('integers, flags and texts agree exactly or not at all', () => {
  for (const [a, b] of [
    [of('INT64', BigInt64Array.of(2n ** 60n)), of('INT64', BigInt64Array.of(2n ** 60n + 1n))],
    [of('BOOL', Uint8Array.of(0)), of('BOOL', Uint8Array.of(1))],
    [of('BYTES', ['a']), of('BYTES', ['b'])],
  ] as const) {
    assert.ok(agrees(a, a, b));
    assert.ok(!agrees(a, b, b));
    assert.ok(areDistinct(a, b));
    assert.ok(!areDistinct(a, a));
  }
});

test('half floats are compared as the numbers that they are', () => {
  const half = (...bits: number[]): RowOutput => of('FP16', Uint16Array.from(bits));
  // 1 and the next number; 1 and 1.25.
  assert.ok(agrees(half(0x3c00), half(0x3c01), half(0x4000)));
  assert.ok(!agrees(half(0x3c00), half(0x3d00), half(0x4000)));
  assert.ok(areDistinct(half(0x3c00), half(0xbc00)));
});

test('what is no number agrees with itself and tells rows from nothing', () => {
  assert.ok(agrees(floats(Number.NaN), floats(Number.NaN), floats(1)));
  assert.ok(!agrees(floats(Number.NaN), floats(1), floats(1)));
  assert.ok(!areDistinct(floats(Number.NaN), floats(1)));
});

test('answers of another type or shape never agree, and other shapes tell rows apart', () => {
  const flat = floats(1, 2);
  assert.ok(!agrees(flat, { ...flat, shape: [2, 1] }, flat));
  assert.ok(!agrees(flat, { ...flat, dataType: 'FP64', data: Float64Array.of(1, 2) }, flat));
  assert.ok(areDistinct(flat, { ...flat, shape: [2, 1] }));
});

test('the part of a row that all rows share is all of it, and of no rows nothing', () => {
  const shared = { name: 'k', dataType: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
  assert.deepEqual(rowOutput(shared, undefined, 1), { dataType: 'FP32', shape: [2, 2], data: shared.data });
  const none = { name: 'y', dataType: 'FP32', shape: [0, 2], data: new Float32Array(0) } as const;
  assert.equal(rowOutput(none, 0, 0).data.length, 0);
});

test('of an answer a little too large every third element is compared', () => {
  const length = (1 << 16) + 1;
  const data = Float32Array.from({ length }, (_, at) => at);
  const { data: part } = rowOutput({ name: 'y', dataType: 'FP32', shape: [1, length], data }, 0, 0);
  assert.deepEqual([...part.slice(0, 3)], [0, 3, 6]);
  assert.equal(part.length, Math.ceil(length / 3));
  const whole = rowOutput({ name: 'y', dataType: 'FP32', shape: [1, length - 1], data: data.slice(1) }, 0, 0);
  assert.equal(whole.data.length, length - 1);
});

test('each type of float is held to its own precision', () => {
  const doubles = (value: number): RowOutput => of('FP64', Float64Array.of(value, 0));
  assert.ok(agrees(doubles(1), doubles(1 + 1e-9), doubles(1)));
  assert.ok(!agrees(doubles(1), doubles(1 + 1e-8), doubles(1)));
  // 1 and the next number, a 128th more; 1 and 1.25.
  const brief = (bits: number): RowOutput => of('BF16', Uint16Array.of(bits));
  assert.ok(agrees(brief(0x3f80), brief(0x3f81), brief(0x3f80)));
  assert.ok(!agrees(brief(0x3f80), brief(0x3fa0), brief(0x3f80)));
  assert.ok(areDistinct(brief(0x3f80), brief(0x3fa0)));
  assert.ok(!areDistinct(brief(0x3f80), brief(0x3f81)));
});

test('half floats are read as what they are: small ones, negative ones, infinite ones and none', () => {
  const half = (bits: number): RowOutput => of('FP16', Uint16Array.of(bits));
  // The smallest and the next; the smallest that is not subnormal and half of it.
  assert.ok(areDistinct(half(0x0001), half(0x0002)));
  assert.ok(areDistinct(half(0x0400), half(0x0200)));
  assert.ok(agrees(half(0x0000), half(0x8000), half(0x3c00)));
  assert.ok(!agrees(half(0x7c00), half(0xfc00), half(0x3c00)));
  assert.ok(agrees(half(0x7c00), half(0x7c00), half(0x3c00)));
  assert.ok(agrees(half(0x7e00), half(0x7e01), half(0x3c00)));
  // 65504 and 1: an exponent of one bit less is none.
  assert.ok(areDistinct(half(0x7bff), half(0x3c00)));
});

test('a number does not agree with infinity, and is told from it', () => {
  const [one, endless] = [floats(1), floats(Number.POSITIVE_INFINITY)];
  for (const [a, b] of [
    [one, endless],
    [endless, one],
    [endless, floats(Number.NEGATIVE_INFINITY)],
  ] as const) {
    assert.ok(!agrees(a, b, one));
    assert.ok(areDistinct(a, b));
  }
  assert.ok(agrees(endless, endless, one));
});

test('what infinity stands beside is held to the largest number that is none', () => {
  const big = floats(Number.POSITIVE_INFINITY, 1, 0);
  assert.ok(!agrees(big, floats(Number.POSITIVE_INFINITY, 1, 0.1), big));
  assert.ok(agrees(big, floats(Number.POSITIVE_INFINITY, 1, 9e-7), big));
  assert.ok(!agrees(big, floats(Number.POSITIVE_INFINITY, 1, 0.1), floats(0, 1, 0)));
});

test('an answer may sway as far as rounding of its inputs moves it, and four times that', () => {
  const row = floats(1, 0);
  const swayed = [floats(1, 0.001), floats(1, 0.01)];
  assert.ok(agrees(row, floats(1, 0.04), row, swayed));
  assert.ok(!agrees(row, floats(1, 0.0401), row, swayed));
  assert.ok(!agrees(row, floats(1, 0.04), row));
});

test('integers and texts are left open only where rounding of the inputs changes them', () => {
  const row = of('INT64', BigInt64Array.of(1n, 2n));
  const swayed = [of('INT64', BigInt64Array.of(1n, 3n))];
  assert.ok(agrees(row, of('INT64', BigInt64Array.of(1n, 9n)), row, swayed));
  assert.ok(!agrees(row, of('INT64', BigInt64Array.of(9n, 2n)), row, swayed));
  assert.ok(!areDistinct(of('BYTES', ['a', 'b']), of('BYTES', ['a', 'b'])));
  assert.ok(areDistinct(of('BYTES', ['a', 'b']), of('BYTES', ['a', 'c'])));
});

test('a spread is not measured against answers of another length', () => {
  const longer = floats(1000, 1);
  assert.ok(!agrees(floats(1), floats(1.01), longer));
});

test('half floats that are neighbours agree across a step of their exponent, the largest and infinity do not', () => {
  const half = (bits: number): RowOutput => of('FP16', Uint16Array.of(bits));
  for (const [a, b] of [
    [0x3bff, 0x3c00],
    [0x03ff, 0x0400],
    [0xbbff, 0xbc00],
  ] as const) {
    assert.ok(agrees(half(a), half(b), half(a)), `${a}`);
  }
  assert.ok(!agrees(half(0x7bff), half(0x7c00), half(0x7bff)));
  assert.ok(!agrees(half(0x7e00), half(0x7c00), half(0x7e00)));
});

test('one element is enough to tell two rows apart', () => {
  assert.ok(areDistinct(floats(1, 2), floats(1, 3)));
  assert.ok(!areDistinct(floats(1, 2), floats(1, 2)));
});
