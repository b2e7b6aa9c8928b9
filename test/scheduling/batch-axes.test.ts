import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { shapeKeyOf } from '../../src/scheduling/request-queue.js';
import type { ScheduledRequest } from '../../src/scheduling/scheduler.js';
import { settle } from './puppet-group.js';
import { Harness as PlainHarness, resultOf } from './scheduler-harness.js';

const axes = (inputs: Record<string, number>, outputs: Record<string, number>) => ({
  inputs: new Map(Object.entries(inputs)),
  outputs: new Map(Object.entries(outputs)),
});

const shapeKey = shapeKeyOf({ inputs: [{ name: 'x', dataType: 'FP32', shape: [null, null, null] }], outputs: [] });

class Harness extends PlainHarness {
  constructor(options: ConstructorParameters<typeof PlainHarness>[0]) {
    super({ shapeKey, ...options });
  }
}

/** Rows of `x` and `y` lie along axis 1: [2, batch, 1]. */
const second = axes({ x: 1 }, { y: 1 });
const dynamic: Batching = { kind: 'dynamic', maxBatchSize: 4, axes: second };
const none: Batching = { kind: 'none', reason: 'test', axes: second };

const floats = (name: string, shape: number[], ...data: number[]): NamedTensor => ({
  name,
  dataType: 'FP32',
  shape,
  data: Float32Array.from(data),
});

/** Row r of `x` is [r, −r]. */
const states = (rows: readonly number[], rest: Partial<ScheduledRequest> = {}): ScheduledRequest => ({
  inputs: [floats('x', [2, rows.length, 1], ...rows, ...rows.map((value) => -value))],
  outputs: ['y'],
  rows: rows.length,
  mergeable: true,
  ...rest,
});

const shapeAndData = ({ outputs }: { outputs: readonly NamedTensor[] }) =>
  outputs.map(({ shape, data }) => [shape, [...data]]);

test('rows that lie along the second axis share a run, and each request gets its own', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic });
  const answers = [states([1]), states([2, 3])].map((request) => resultOf(scheduler, request));
  await settle();
  const [input] = group.current.batch.inputs;
  assert.deepEqual([input?.shape, input?.parts.map((part) => [...part])], [[2, 3, 1], [[1, 2, 3, -1, -2, -3]]]);
  await group.current.succeed();
  assert.deepEqual((await Promise.all(answers)).map(shapeAndData), [
    [
      [
        [2, 1, 1],
        [2, -2],
      ],
    ],
    [
      [
        [2, 2, 1],
        [4, 6, -4, -6],
      ],
    ],
  ]);
});

test('a large request is cut and joined along its axis', async () => {
  const { scheduler, group, batches } = new Harness({ batching: dynamic });
  const answer = resultOf(scheduler, states([1, 2, 3, 4, 5, 6]));
  await settle();
  while (group.runs.length > 0) await group.current.succeed();
  assert.deepEqual(shapeAndData(await answer), [
    [
      [2, 6, 1],
      [2, 4, 6, 8, 10, 12, -2, -4, -6, -8, -10, -12],
    ],
  ]);
  assert.deepEqual(
    batches.map(({ rows }) => rows),
    [4, 2],
  );
});

test('a fixed size is padded along its axis', async () => {
  const { scheduler, group } = new Harness({ batching: { kind: 'fixed', rows: 3, axes: second } });
  const answer = resultOf(scheduler, states([1, 2]));
  await settle();
  assert.deepEqual([...(group.current.batch.inputs[0]?.parts[0] ?? [])], [1, 2, 2, -1, -2, -2]);
  await group.current.succeed();
  assert.deepEqual(shapeAndData(await answer), [
    [
      [2, 2, 1],
      [2, 4, -2, -4],
    ],
  ]);
});

test('rows that lie one behind the other are not copied, whatever their axis', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic });
  const requests = [1, 2].map((value) => ({ ...states([value]), inputs: [floats('x', [1, 1, 2], value, value)] }));
  const answers = requests.map((request) => resultOf(scheduler, request));
  await settle();
  const [input] = group.current.batch.inputs;
  assert.deepEqual(input?.shape, [1, 2, 2]);
  assert.deepEqual(
    input?.parts.map((part, index) => part === requests[index]?.inputs[0]?.data),
    [true, true],
  );
  await group.current.succeed();
  await Promise.all(answers);
});

test('requests share a run only with the same value of an input that all rows share', async () => {
  const batching: Batching = { kind: 'dynamic', maxBatchSize: 8, axes: axes({ x: 0 }, { y: 0 }) };
  const inputs = [
    { name: 'x', dataType: 'FP32', shape: ['n', 1] },
    { name: 'k', dataType: 'FP32', shape: [1] },
  ] as const;
  const { scheduler, group } = new Harness({ batching, shapeKey: shapeKeyOf({ inputs, outputs: [] }) });
  const send = (value: number, k: number) =>
    resultOf(scheduler, { ...states([value]), inputs: [floats('x', [1, 1], value), floats('k', [1], k)] });
  const answers = [send(1, 7), send(2, 8), send(3, 7)];
  const runs: unknown[] = [];
  await settle();
  while (group.runs.length > 0) {
    const [x, k] = group.current.batch.inputs;
    runs.push([x?.shape, k?.shape, k?.parts.flatMap((part) => [...part])]);
    await group.current.succeed();
  }
  assert.deepEqual(runs, [
    [[2, 1], [1], [7]],
    [[1, 1], [1], [8]],
  ]);
  assert.deepEqual((await Promise.all(answers)).map(shapeAndData), [[[[1, 1], [2]]], [[[1, 1], [4]]], [[[1, 1], [6]]]]);
});

test('separate rows of a model that may not batch them run one by one and are joined', async () => {
  const { scheduler, group, batches } = new Harness({ batching: none });
  const answer = resultOf(scheduler, states([1, 2, 3], { mergeable: false, separate: true }));
  await settle();
  while (group.runs.length > 0) {
    assert.deepEqual(group.current.batch.inputs[0]?.shape, [2, 1, 1]);
    await group.current.succeed();
  }
  assert.deepEqual(shapeAndData(await answer), [
    [
      [2, 3, 1],
      [2, 4, 6, -2, -4, -6],
    ],
  ]);
  assert.equal(batches.length, 3);
});

test('separate rows whose answers differ in shape are answered one after another', async () => {
  const { scheduler, group } = new Harness({ batching: none });
  const answer = resultOf(scheduler, states([1, 2], { mergeable: false, separate: true }));
  await settle();
  await group.current.succeed([floats('y', [1, 1, 2], 5, 6)]);
  await group.current.succeed([floats('y', [1, 1, 3], 7, 8, 9)]);
  assert.deepEqual(shapeAndData(await answer), [
    [
      [1, 1, 2],
      [5, 6],
    ],
    [
      [1, 1, 3],
      [7, 8, 9],
    ],
  ]);
});

test('a row by itself that is not answered by one row fails, saying the output', async () => {
  const { scheduler, group } = new Harness({ batching: none });
  const answer = resultOf(scheduler, states([1, 2], { mergeable: false, separate: true }));
  const failed = assert.rejects(answer, {
    code: 'INVALID_ARGUMENT',
    message: /output "y" has shape \[1, 3, 2\] for one row/,
  });
  await settle();
  await group.current.succeed([floats('y', [1, 3, 2], 1, 2, 3, 4, 5, 6)]);
  await failed;
});

test('the tensors of a request whose rows are not separate run as they came', async () => {
  const { scheduler, group } = new Harness({ batching: none });
  const answer = resultOf(scheduler, states([1, 2], { rows: 1, mergeable: false }));
  await settle();
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [2, 2, 1]);
  await group.current.succeed();
  assert.deepEqual(shapeAndData(await answer), [
    [
      [2, 2, 1],
      [2, 4, -2, -4],
    ],
  ]);
});

test('rows whose copying would take longer than their run are not laid side by side', async () => {
  const curve = new CostCurve();
  curve.observe(1, 0.001);
  curve.observe(2, 0.001);
  const wide = (value: number): ScheduledRequest => ({
    ...states([value]),
    inputs: [floats('x', [100, 1, 1], ...new Array<number>(100).fill(value))],
  });
  const { scheduler, group, batches } = new Harness({ batching: dynamic, curve });
  const answers = [wide(1), wide(2), states([3]), states([4])].map((request) => resultOf(scheduler, request));
  await settle();
  while (group.runs.length > 0) await group.current.succeed();
  await Promise.all(answers);
  assert.deepEqual(batches.map(({ rows }) => rows).sort(), [1, 1, 2]);
});
