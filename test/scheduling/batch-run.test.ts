import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchAxes, Batching } from '../../src/core/model.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ActiveRequest, Chunk } from '../../src/scheduling/active-request.js';
import {
  asBatch,
  type BatchRun,
  composeBatch,
  disagreement,
  divideResult,
  isMergeable,
  laidOutRows,
  strayOutput,
} from '../../src/scheduling/batch-run.js';
import { activeOf } from './active-requests.js';
import { joined } from './puppet-group.js';

const runOf = (chunks: readonly Chunk[]): BatchRun => ({
  chunks,
  rows: chunks.reduce((sum, { rows }) => sum + rows, 0),
  reason: 'idle',
});
const wholeRun = (...requests: readonly ActiveRequest[]): BatchRun => runOf(requests.flatMap(({ chunks }) => chunks));
const chunkOf = (active: ActiveRequest, index: number): BatchRun => runOf([active.chunks[index] as Chunk]);

const floats = (name: string, ...data: readonly number[]): NamedTensor => ({
  name,
  dataType: 'FP32',
  shape: [data.length],
  data: Float32Array.from(data),
});

const axesOf = (inputs: Record<string, number>, outputs: Record<string, number>): BatchAxes => ({
  inputs: new Map(Object.entries(inputs)),
  outputs: new Map(Object.entries(outputs)),
});

const dynamic: Batching = { kind: 'dynamic', maxBatchSize: 8 };
const none: Batching = { kind: 'none', reason: 'test' };
const alone = { mergeable: false };
const separate = { mergeable: false, separate: true };

test('rows may be laid beside others where the request allows it and has some', () => {
  const answers = [activeOf([1]), activeOf([1], alone), activeOf([])].map(({ chunks }) =>
    isMergeable(chunks[0] as Chunk),
  );
  assert.deepEqual(answers, [true, false, false]);
});

const layouts: [string, BatchRun, Batching, readonly number[], number | undefined][] = [
  ['several requests by their rows', wholeRun(activeOf([1, 2]), activeOf([3])), dynamic, [], 3],
  ['up to the next allowed size', wholeRun(activeOf([1, 2]), activeOf([3])), dynamic, [2, 4, 8], 4],
  ['up to the fixed size', wholeRun(activeOf([1, 2])), { kind: 'fixed', rows: 5 }, [], 5],
  ['a request that must run alone as it came', wholeRun(activeOf([1, 2], alone)), dynamic, [4], undefined],
  ['no rows as they came', wholeRun(activeOf([])), dynamic, [4], undefined],
  ['a request of a model that does not batch as it came', wholeRun(activeOf([1, 2])), none, [4], undefined],
  [
    'a row of a model that does not batch by itself',
    chunkOf(activeOf([1, 2], { ...separate, chunkRows: 1 }), 1),
    none,
    [4],
    1,
  ],
  [
    'a row that must run alone up to an allowed size',
    chunkOf(activeOf([1, 2], { ...separate, chunkRows: 1 }), 1),
    dynamic,
    [4],
    4,
  ],
  ['a lone row up to the size that a model takes', wholeRun(activeOf([1], separate)), { ...none, rows: 4 }, [], 4],
  [
    'a lone row as it came where a model takes one',
    wholeRun(activeOf([1], separate)),
    { ...none, rows: 1 },
    [],
    undefined,
  ],
  ['a lone row as it came where any number is taken', wholeRun(activeOf([1], separate)), none, [], undefined],
  ['rows that are one thing as they came', wholeRun(activeOf([1], alone)), { ...none, rows: 4 }, [], undefined],
];

for (const [name, run, batching, allowedSizes, expected] of layouts) {
  test(`rows are laid out: ${name}`, () => assert.equal(laidOutRows(run, batching, allowedSizes), expected));
}

const valuesOf = (run: BatchRun, laidOut: number | undefined): unknown[] =>
  composeBatch(run, laidOut).inputs.map(({ shape, parts }) => [shape, joined(parts)]);

test('a lone request is given to the engine as it came, whatever its shapes', () => {
  const active = activeOf([1, 2], { ...alone, rows: 1 });
  assert.deepEqual(valuesOf(wholeRun(active), undefined), [
    [
      [2, 1],
      [1, 2],
    ],
  ]);
});

test('the tensors of a request by itself are given as they are', () => {
  const input = floats('x', 1, 2);
  assert.deepEqual(asBatch([input], ['y']), {
    inputs: [{ name: 'x', dataType: 'FP32', shape: [2], parts: [input.data] }],
    outputs: ['y'],
  });
});

test('the rows of all requests lie end to end, filled up with the last one', () => {
  const run = wholeRun(activeOf([1, 2]), activeOf([3]));
  assert.deepEqual(valuesOf(run, 3), [
    [
      [3, 1],
      [1, 2, 3],
    ],
  ]);
  assert.deepEqual(valuesOf(run, 5), [
    [
      [5, 1],
      [1, 2, 3, 3, 3],
    ],
  ]);
  assert.deepEqual(valuesOf(wholeRun(activeOf([1, 2])), 3), [
    [
      [3, 1],
      [1, 2, 2],
    ],
  ]);
});

test('a part of a request is given by itself', () => {
  const active = activeOf([1, 2], { chunkRows: 1 });
  assert.deepEqual(valuesOf(chunkOf(active, 1), 1), [[[1, 1], [2]]]);
});

test('rows are laid along the axis that the model has them on', () => {
  const axes = axesOf({ x: 1 }, {});
  const requests = [activeOf([1, 2], { axes, width: 2, rows: 2 }), activeOf([3, 4], { axes, width: 2, rows: 2 })];
  assert.deepEqual(valuesOf(wholeRun(...requests), 4), [
    [
      [1, 4],
      [1, 2, 3, 4],
    ],
  ]);
});

test('each output that some request wants is computed once', () => {
  const wanted = (...lists: string[][]) =>
    composeBatch(wholeRun(...lists.map((outputs) => activeOf([1], { outputs }))), 9);
  assert.deepEqual(wanted(['b', 'a'], ['c', 'a']).outputs, ['b', 'a', 'c']);
  assert.deepEqual(wanted(['b', 'a']).outputs, ['b', 'a']);
});

const divided = (run: BatchRun, outputs: readonly NamedTensor[], laidOut: number | undefined) => {
  const { parts, stray } = divideResult(run, { outputs, computeMs: 1 }, laidOut);
  return { parts: parts.map((part) => part?.map(({ name, data }) => [name, ...data])), stray: stray?.name };
};

test('each request gets the rows of its own, and the padding nobody', () => {
  const run = wholeRun(activeOf([1, 2]), activeOf([3]));
  const parts = [[['y', 10, 20]], [['y', 30]]];
  assert.deepEqual(divided(run, [floats('y', 10, 20, 30)], 3), { parts, stray: undefined });
  assert.deepEqual(divided(run, [floats('y', 10, 20, 30, 30)], 4), { parts, stray: undefined });
  assert.deepEqual(divided(wholeRun(activeOf([1])), [floats('y', 10, 10)], 2).parts, [[['y', 10]]]);
});

test('a request that ran as it came gets what came, without a copy', () => {
  const outputs = [floats('y', 1, 2, 3)];
  const { parts, stray } = divideResult(wholeRun(activeOf([1], alone)), { outputs, computeMs: 1 }, undefined);
  assert.equal(parts[0], outputs);
  assert.equal(stray, undefined);
});

test('a lone request gets an output that has other rows than it, and the output is told', () => {
  assert.deepEqual(divided(wholeRun(activeOf([1, 2])), [floats('y', 1, 2, 3)], 2), {
    parts: [[['y', 1, 2, 3]]],
    stray: 'y',
  });
});

test('where an output has other rows than the run, nobody gets any of it, and the output is told', () => {
  const outputs = [floats('y', 1, 2), floats('z', 1, 2, 3)];
  const nothing = { parts: [undefined, undefined], stray: 'z' };
  assert.deepEqual(divided(wholeRun(activeOf([1]), activeOf([2])), outputs, 2), nothing);
  const part = chunkOf(activeOf([1, 2], { chunkRows: 1 }), 0);
  assert.deepEqual(divided(part, [floats('y', 1, 2)], 1), { parts: [undefined], stray: 'y' });
  assert.deepEqual(divided(wholeRun(activeOf([1])), [floats('y', 1)], 2), { parts: [undefined], stray: 'y' });
});

test('rows are told apart along the axis that an output has them on; without one they cannot be', () => {
  const y: NamedTensor = { name: 'y', dataType: 'FP32', shape: [1, 2], data: Float32Array.of(5, 6) };
  const run = (axes: BatchAxes) => wholeRun(activeOf([1], { axes }), activeOf([2], { axes }));
  assert.deepEqual(divided(run(axesOf({ x: 0 }, { y: 1 })), [y], 2).parts, [[['y', 5]], [['y', 6]]]);
  assert.deepEqual(divided(run(axesOf({ x: 0 }, {})), [floats('y', 5, 6)], 2), {
    parts: [undefined, undefined],
    stray: 'y',
  });
});

test('each request gets the outputs that it wants, in its order', () => {
  const outputs = [floats('a', 1, 2), floats('b', 3, 4)];
  const run = wholeRun(activeOf([1], { outputs: ['b', 'a'] }), activeOf([2], { outputs: ['a'] }));
  assert.deepEqual(divided(run, outputs, 2).parts, [
    [
      ['b', 3],
      ['a', 1],
    ],
    [['a', 2]],
  ]);
});

test('an output that did not come is left out', () => {
  const run = wholeRun(activeOf([1], { outputs: ['a', 'b'] }));
  assert.deepEqual(divided(run, [floats('a', 1)], 1).parts, [[['a', 1]]]);
});

test('an output without a row for each row has no axis any more, and the others keep theirs', () => {
  const known = { inputs: ['x'], outputs: ['y', 'z'], axes: undefined };
  const { axes, reason } = strayOutput(floats('y', 1, 2, 3), 2, known);
  assert.deepEqual(axes, axesOf({ x: 0 }, { z: 0 }));
  assert.match(reason, /output "y" had shape \[3\] for 2 rows/);
  const second = strayOutput(floats('z', 1), 2, { ...known, axes: axesOf({ x: 1 }, { y: 2, z: 1 }) });
  assert.deepEqual(second.axes, axesOf({ x: 1 }, { y: 2 }));
});

test('where rows were seen to depend on each other, it stays known how they lie', () => {
  const known = { inputs: ['x', 'k'], outputs: ['y'], axes: undefined };
  assert.deepEqual(disagreement('y', known).axes, axesOf({ x: 0, k: 0 }, { y: 0 }));
  assert.match(disagreement('y', known).reason, /output "y"/);
  const axes = axesOf({ x: 1 }, { y: 1 });
  assert.equal(disagreement('y', { ...known, axes }).axes, axes);
});
