import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType } from '../../../src/core/data-type.js';
import type { NamedTensor, TensorData } from '../../../src/core/tensor.js';
import { nudged, nudges } from '../../../src/serving/proof/nudged.js';

const tensor = (dataType: DataType, data: TensorData): NamedTensor => ({
  name: 'x',
  dataType,
  shape: [data.length],
  data,
});

test('each float moves a little, one time up and one time down; what is no float stays', () => {
  const values = Float32Array.of(1, -3, 1e30, 1e-20);
  const [one, two] = nudges.map((nudge) => nudged(tensor('FP32', values), nudge).data as Float32Array) as [
    Float32Array,
    Float32Array,
  ];
  for (const [at, value] of values.entries()) {
    const [first, second] = [one[at] as number, two[at] as number];
    assert.ok((first > value && second < value) || (first < value && second > value), `${value}`);
    assert.ok(Math.abs(first / value - 1) < 1e-6);
  }
  assert.deepEqual([...values], [...Float32Array.of(1, -3, 1e30, 1e-20)]);
  for (const kept of [
    tensor('INT64', BigInt64Array.of(7n)),
    tensor('BYTES', ['a']),
    tensor('FP32', Float32Array.of(0)),
  ]) {
    assert.deepEqual(nudged(kept, 0).data, kept.data);
  }
});

test('half floats move to a neighbour; zero and what is infinite stay', () => {
  const patterns = Uint16Array.from({ length: 64 }, () => 0x3c00);
  const moved = nudges.map((nudge) => [...(nudged(tensor('FP16', patterns), nudge).data as Uint16Array)]);
  for (const data of moved) assert.deepEqual([...new Set(data)].sort(), [0x3c00, 0x3c01]);
  for (const pattern of [0, 0x8000, 0x7c00, 0xfc00]) {
    const same = nudges.map((nudge) => [
      ...(nudged(tensor('FP16', Uint16Array.of(pattern)), nudge).data as Uint16Array),
    ]);
    assert.deepEqual(same, [[pattern], [pattern]]);
  }
});

test('a nudge moves neighbours apart: some up, some down, by chance and always the same', () => {
  const values = Float64Array.from({ length: 400 }, () => 1);
  const moved = nudges.map((nudge) => nudged(tensor('FP64', values), nudge).data as Float64Array);
  for (const data of moved) {
    const up = data.filter((value) => value > 1).length;
    assert.ok(up > 150 && up < 250, `${up} of 400 go up`);
    assert.deepEqual([...new Set(data)].sort(), [1 - 2 ** -50, 1 + 2 ** -50]);
  }
  assert.ok(moved[0]?.every((value, at) => value !== moved[1]?.[at]));
  assert.deepEqual(nudged(tensor('FP64', values), 0).data, moved[0]);
  const pattern = [...(moved[0] as Float64Array)].map((value) => (value > 1 ? '+' : '-')).join('');
  assert.ok(/\+\+/.test(pattern) && /--/.test(pattern) && /\+-\+/.test(pattern));
});

test('the smallest half float stays what it is, and the largest stays finite', () => {
  const movedTo = (dataType: DataType, bits: number): number[] => [
    ...new Set(
      nudges.flatMap((nudge) => [
        ...(nudged(
          tensor(
            dataType,
            Uint16Array.from({ length: 32 }, () => bits),
          ),
          nudge,
        ).data as Uint16Array),
      ]),
    ),
  ];
  assert.deepEqual(movedTo('FP16', 1), [1]);
  assert.deepEqual(movedTo('FP16', 0x8001), [0x8001]);
  assert.deepEqual(movedTo('FP16', 2).sort(), [2, 3]);
  assert.deepEqual(movedTo('FP16', 0x7bff).sort(), [0x7bfe, 0x7bff]);
  assert.deepEqual(movedTo('BF16', 0x7c00).sort(), [0x7c00, 0x7c01]);
  assert.deepEqual(movedTo('BF16', 0x7f7f).sort(), [0x7f7e, 0x7f7f]);
  assert.deepEqual(movedTo('BF16', 0x7f80), [0x7f80]);
  assert.deepEqual(movedTo('FP16', 0x7e00), [0x7e00]);
});

test('what is moved keeps its name and shape', () => {
  const { name, shape, dataType } = nudged(tensor('FP32', Float32Array.of(1, 2)), 1);
  assert.deepEqual([name, shape, dataType], ['x', [2], 'FP32']);
});
