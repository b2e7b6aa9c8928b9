import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedTensor } from '../../src/core/tensor.js';
import { isCheapToShare, joinRows, merge, rowsOf, splitRows } from '../../src/scheduling/merge.js';

const row: NamedTensor = { name: 'x', dataType: 'FP32', shape: [1, 256], data: new Float32Array(256).fill(7) };
const range = { inputs: [row], firstRow: 0, rows: 1 };

test('a run is filled up with copies of its last row', () => {
  const [input] = merge([range], ['y'], 4).inputs;
  assert.deepEqual(input?.shape, [4, 256]);
  assert.equal(
    input?.parts.reduce((sum, part) => sum + part.length, 0),
    4 * 256,
  );
});

test('it is rejected, before anything is made, where that would take more than its budget', () => {
  assert.throws(() => merge([range], ['y'], 1 + 2 ** 18 + 1), {
    code: 'RESOURCE_EXHAUSTED',
    message: /filled up with 262145 rows, 257 MiB/,
  });
  assert.throws(() => merge([range], ['y'], 2 ** 40), { code: 'RESOURCE_EXHAUSTED' });
  const [input] = merge([range], ['y'], 1).inputs;
  assert.equal(input?.parts[0], row.data);
});

const tensor = (name: string, shape: readonly number[], ...data: number[]): NamedTensor => ({
  name,
  dataType: 'FP32',
  shape,
  data: Float32Array.from(data),
});
const texts = (shape: readonly number[], ...data: string[]): NamedTensor => ({
  name: 'x',
  dataType: 'BYTES',
  shape,
  data,
});
const zeros = (name: string, shape: readonly number[]): NamedTensor =>
  tensor(name, shape, ...new Array<number>(shape.reduce((product, size) => product * size, 1)).fill(0));
const flat = (parts: readonly unknown[]): unknown[] => parts.flatMap((part) => [...(part as unknown[])]);
const second = new Map([['x', 1]]);

test('rows are laid end to end, some of each request, in the requests’ order', () => {
  const [one, other] = [tensor('x', [3, 2], 1, 1, 2, 2, 3, 3), tensor('x', [1, 2], 9, 9)];
  const ranges = [
    { inputs: [one], firstRow: 1, rows: 2 },
    { inputs: [other], firstRow: 0, rows: 1 },
  ];
  const { inputs, outputs } = merge(ranges, ['y'], 5);
  assert.deepEqual(outputs, ['y']);
  assert.deepEqual(inputs[0]?.shape, [5, 2]);
  assert.deepEqual(flat(inputs[0]?.parts ?? []), [2, 2, 3, 3, 9, 9, 9, 9, 9, 9]);
});

test('rows along another axis are laid side by side, the last one again for padding', () => {
  const ranges = [
    { inputs: [tensor('x', [2, 2], 1, 2, 10, 20)], firstRow: 1, rows: 1 },
    { inputs: [tensor('x', [2, 1], 3, 30)], firstRow: 0, rows: 1 },
  ];
  const [input] = merge(ranges, ['y'], 3, second).inputs;
  assert.deepEqual(
    [input?.shape, flat(input?.parts ?? [])],
    [
      [2, 3],
      [2, 3, 3, 20, 30, 30],
    ],
  );
});

test('what has no batch axis goes once, as it came', () => {
  const shared = tensor('k', [2], 5, 6);
  const ranges = [1, 2].map((value) => ({ inputs: [tensor('x', [1, 1], value), shared], firstRow: 0, rows: 1 }));
  const { inputs } = merge(ranges, ['y'], 2, new Map([['x', 0]]));
  assert.deepEqual([inputs[1]?.shape, inputs[1]?.parts], [[2], [shared.data]]);
});

test('texts are padded with the last row, too', () => {
  const [input] = merge([{ inputs: [texts([2, 1], 'a', 'b')], firstRow: 0, rows: 2 }], ['y'], 4).inputs;
  assert.deepEqual(flat(input?.parts ?? []), ['a', 'b', 'b', 'b']);
});

test('rows of a tensor share its memory where they lie one behind the other', () => {
  const whole = tensor('x', [3, 2], 1, 2, 3, 4, 5, 6);
  assert.equal(rowsOf(whole, 0, 3), whole.data);
  const some = rowsOf(whole, 1, 2) as Float32Array;
  assert.deepEqual([[...some], some.buffer], [[3, 4, 5, 6], (whole.data as Float32Array).buffer]);
  assert.deepEqual([...(rowsOf(whole, 0, 1, 1) as Float32Array)], [1, 3, 5]);
});

test('each owner gets its rows of every output, and all of one that has no rows', () => {
  const outputs = [tensor('x', [2, 3], 1, 2, 3, 10, 20, 30), tensor('k', [1], 7)];
  const [rows, shared] = splitRows(outputs, 1, 2, second) as [NamedTensor, NamedTensor];
  assert.deepEqual(
    [rows.shape, [...(rows.data as Float32Array)]],
    [
      [2, 2],
      [2, 3, 20, 30],
    ],
  );
  assert.equal(shared, outputs[1]);
  const whole = splitRows(outputs, 0, 3, second);
  assert.equal(whole[0], outputs[0]);
  assert.deepEqual(splitRows([tensor('x', [3], 1, 2, 3)], 2, 1)[0]?.data, Float32Array.of(3));
});

test('the answers of a request’s chunks are joined in order along their axis', () => {
  const join = (axes: ReadonlyMap<string, number> | undefined, ...parts: NamedTensor[]) =>
    joinRows(
      parts.map((part) => [part]),
      axes,
    )?.map(({ shape, data }) => [shape, [...data]]);
  assert.deepEqual(join(undefined, tensor('x', [1, 2], 1, 2), tensor('x', [2, 2], 3, 4, 5, 6)), [
    [
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
  ]);
  assert.deepEqual(join(second, tensor('x', [2, 1], 1, 10), tensor('x', [2, 2], 2, 3, 20, 30)), [
    [
      [2, 3],
      [1, 2, 3, 10, 20, 30],
    ],
  ]);
  assert.deepEqual(join(undefined, texts([1], 'a'), texts([2], 'b', 'c')), [[[3], ['a', 'b', 'c']]]);
  assert.deepEqual(join(undefined, tensor('x', [1], 4)), [[[1], [4]]], 'one is whole');
  assert.equal(join(undefined, tensor('x', [1, 2], 1, 2), tensor('x', [1, 1], 3)), undefined, 'rows of other lengths');
  assert.equal(join(new Map(), tensor('x', [1], 1), tensor('x', [1], 2)), undefined, 'no rows');
});

test('rows are copied to lie side by side where that takes at most half of what a run of one takes', () => {
  const axes = {
    inputs: new Map([
      ['x', 1],
      ['y', 0],
    ]),
    outputs: new Map(),
  };
  // 2,000 elements a row, 20 ns each, are 40 µs.
  const scattered = zeros('x', [1000, 3, 2]);
  const isCheap = (inputs: readonly NamedTensor[], runMs: number): boolean =>
    isCheapToShare(inputs, 3, { axes, runMs });
  assert.deepEqual([isCheap([scattered], 0.0801), isCheap([scattered], 0.0799)], [true, false]);
  assert.equal(isCheap([scattered], 0), true, 'nothing is known of its runs');
  assert.equal(isCheap([zeros('x', [1, 3, 5000])], 0.0001), true, 'they lie one behind the other');
  assert.equal(isCheap([zeros('y', [3, 5000])], 0.0001), true, 'so do these');
  assert.equal(isCheap([zeros('shared', [1000, 3, 2])], 0.0001), true, 'what all rows share goes once');
});
