import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import { ServingError } from '../../src/core/serving-error.js';
import { asBatch } from '../../src/scheduling/batch-run.js';
import { joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

/** Counts how often the scheduler asked whether something may be started. */
function countDispatches({ group }: Harness): { readonly dispatches: () => number } {
  let dispatches = 0;
  Object.defineProperty(group, 'hasCapacity', {
    get: () => {
      dispatches++;
      return group.idleInstances > 0;
    },
  });
  return { dispatches: () => dispatches };
}

const running = ({ group }: Harness): unknown[] =>
  group.runs.flatMap(({ batch }) => joined(batch.inputs[0]?.parts ?? []));

test('one dispatch for all requests of a turn, and one for a run that ended', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  const { dispatches } = countDispatches(harness);
  const answers = [1, 2, 3].map((value) => resultOf(harness.scheduler, requestOf([value])));
  await settle();
  assert.equal(dispatches(), 2, 'the first is started, then there is no room');
  await harness.group.current.succeed();
  assert.equal(dispatches(), 4);
  while (harness.group.runs.length > 0) await harness.group.current.succeed();
  await Promise.all(answers);
  assert.equal(dispatches(), 5, 'where nothing waits nothing is looked for');
});

test('a request that is in when an instance comes up is computed by it', async () => {
  const harness = new Harness({ instances: 0 });
  const answer = resultOf(harness.scheduler, requestOf([1]));
  await settle();
  assert.equal(harness.group.runs.length, 0);
  await harness.group.resize(1);
  assert.deepEqual(running(harness), [1]);
  await harness.group.current.succeed();
  await answer;
});

test('what is to run again goes before what waits, and is reported as a retry', async () => {
  const harness = new Harness({ batching: dynamic(2) });
  const { scheduler, group, batches } = harness;
  const answers = [1, 2, 3, 4].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  await group.current.fail(new ProcessFailure('CRASHED', 'SIGSEGV'));
  const order: unknown[] = [];
  while (group.runs.length > 0) {
    order.push(running(harness));
    await group.current.succeed();
  }
  await Promise.all(answers);
  assert.deepEqual(order, [[1], [2], [3, 4]]);
  assert.deepEqual(
    batches.map(({ reason, outcome, requests, rows }) => [reason, outcome, requests, rows]),
    [
      ['full', 'engine-failure', 2, 2],
      ['retry', 'ok', 1, 1],
      ['retry', 'ok', 1, 1],
      ['full', 'ok', 2, 2],
    ],
  );
});

test('what is to run again is started when that is known, though an instance was free before', async () => {
  const harness = new Harness({ batching: dynamic(2) });
  const { scheduler, group } = harness;
  group.tellsFirst = true;
  const answers = [1, 2].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  await group.current.fail(new ServingError('INVALID_ARGUMENT', 'one of them is bad'));
  assert.deepEqual(running(harness), [1]);
  while (group.runs.length > 0) await group.current.succeed();
  await Promise.all(answers);
});

test('a run that nobody waits for begins when the last request is answered, though an instance was free before', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  const { scheduler, group } = harness;
  group.tellsFirst = true;
  const answer = resultOf(scheduler, requestOf([1]));
  await settle();
  const idle = [7, 8].map((value) => scheduler.runIdle(asBatch(requestOf([value]).inputs, ['y']), 1000));
  await settle();
  assert.deepEqual(running(harness), [1]);
  for (const value of [7, 8]) {
    await group.current.succeed();
    assert.deepEqual(running(harness), [value]);
  }
  await group.current.succeed();
  await Promise.all([answer, ...idle]);
});

test('what a run cost is reported: how long each request waited, the run, the engine', async () => {
  const harness = new Harness();
  const { scheduler, group, batches } = harness;
  const first = resultOf(scheduler, requestOf([1]));
  await settle();
  harness.nowMs = 10;
  const second = resultOf(scheduler, requestOf([2]));
  harness.nowMs = 30;
  await group.current.succeed(undefined, 25);
  harness.nowMs = 70;
  await group.current.succeed(undefined, 35);
  assert.deepEqual(
    batches.map(({ queueMs, batchMs, computeMs }) => [queueMs, batchMs, computeMs]),
    [
      [[0], 30, 25],
      [[20], 40, 35],
    ],
  );
  assert.deepEqual((await second).timings, { queueMs: 20, batchMs: 40, computeMs: 35 });
  assert.deepEqual([(await first).batchRows, (await first).rows], [1, 1]);
});

test('a large request took from its first start to its last end, and all the computing of its chunks', async () => {
  const harness = new Harness({ batching: dynamic(2), instances: 2 });
  const { scheduler, group } = harness;
  const answer = resultOf(scheduler, requestOf([1, 2, 3]));
  harness.nowMs = 5;
  await settle();
  harness.nowMs = 20;
  await group.runs[0]?.succeed(undefined, 4);
  harness.nowMs = 50;
  await group.runs[0]?.succeed(undefined, 3);
  const { timings, batchRows, rows } = await answer;
  assert.deepEqual([timings, batchRows, rows], [{ queueMs: 5, batchMs: 45, computeMs: 7 }, 2, 3]);
});

test('a deadline comes close: the batch leaves with whom it has', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const harness = new Harness({ policy: { maxDelayMs: 500, preferredSizes: [4], allowedSizes: [] } });
  const { scheduler, group, batches, curve } = harness;
  curve.observe(1, 20);
  const answers = [resultOf(scheduler, requestOf([1])), resultOf(scheduler, requestOf([2], { deadlineMs: 100 }))];
  await settle();
  harness.nowMs = 59;
  context.mock.timers.tick(59);
  assert.equal(group.runs.length, 0);
  harness.nowMs = 60;
  context.mock.timers.tick(1);
  assert.deepEqual(running(harness), [1, 2], 'two rows are expected to take 40 ms');
  await group.current.succeed();
  await Promise.all(answers);
  answers.push(...[1, 2, 3, 4, 5].map((value) => resultOf(scheduler, requestOf([value]))));
  await settle();
  await group.current.succeed();
  harness.nowMs = 560;
  context.mock.timers.tick(500);
  await group.current.succeed();
  await Promise.all(answers);
  assert.deepEqual(
    batches.map(({ reason, rows }) => [reason, rows]),
    [
      ['deadline', 2],
      ['full', 4],
      ['delay', 1],
    ],
  );
});

test('a deadline that passes while the request is computed is answered then', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { scheduler, group } = new Harness();
  const late = resultOf(scheduler, requestOf([1], { deadlineMs: 30 }));
  const failed = assert.rejects(late, { code: 'DEADLINE_EXCEEDED' });
  await settle();
  context.mock.timers.tick(30);
  await failed;
  assert.equal(group.runs.length, 1);
  await group.current.succeed();
  assert.equal(scheduler.openRequests, 0);
});

test('a request that is answered has no timer and no listener left', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { scheduler, group, canceled } = new Harness();
  const caller = new AbortController();
  const answer = resultOf(scheduler, requestOf([1], { deadlineMs: 30, signal: caller.signal }));
  await settle();
  await group.current.succeed();
  await answer;
  context.mock.timers.tick(30);
  caller.abort();
  assert.deepEqual([scheduler.openRequests, canceled], [0, []]);
});

test('a caller who goes away while the request is computed is counted there, and its answer thrown away', async () => {
  const { scheduler, group, canceled, budget } = new Harness();
  const caller = new AbortController();
  const answer = resultOf(scheduler, requestOf([1], { signal: caller.signal }));
  const failed = assert.rejects(answer, { code: 'CANCELED' });
  await settle();
  caller.abort();
  await failed;
  assert.deepEqual(
    [canceled, scheduler.openRequests, scheduler.runningBatches, budget.usedBytes],
    [['flight'], 0, 1, 0],
  );
  await group.current.succeed();
  assert.equal(scheduler.runningBatches, 0);
});

test('a caller who leaves a large request has none of its chunks computed that has not begun', async () => {
  const harness = new Harness({ batching: dynamic(2) });
  const { scheduler, group } = harness;
  const caller = new AbortController();
  const answer = resultOf(scheduler, requestOf([1, 2, 3, 4, 5], { signal: caller.signal }));
  const failed = assert.rejects(answer, { code: 'CANCELED' });
  const other = resultOf(scheduler, requestOf([9]));
  await settle();
  assert.deepEqual([running(harness), scheduler.queuedRows, scheduler.queuedRequests], [[1, 2], 4, 2]);
  caller.abort();
  await failed;
  assert.deepEqual([scheduler.queuedRows, scheduler.queuedRequests], [1, 1]);
  await group.current.succeed();
  assert.deepEqual(running(harness), [9]);
  await group.current.succeed();
  await other;
});

test('a request that must run alone is not passed over, however many callers keep asking beside it', async () => {
  const harness = new Harness({ batching: dynamic(4) });
  const { scheduler, group } = harness;
  const answers = [resultOf(scheduler, requestOf([0]))];
  await settle();
  for (const value of [1, 2, 3]) {
    for (const caller of ['a', 'b']) answers.push(resultOf(scheduler, requestOf([value], { caller })));
    if (value === 1) answers.push(resultOf(scheduler, requestOf([99], { caller: 'c', mergeable: false })));
  }
  const order: unknown[] = [];
  while (group.runs.length > 0) {
    order.push(running(harness));
    await group.current.succeed();
  }
  await Promise.all(answers);
  assert.deepEqual(order, [[0], [1, 1], [99], [2, 2, 3, 3]]);
});

test('a run that the model rejects fails the request that was alone in it, with the reason', async () => {
  const { scheduler, group, batches } = new Harness();
  const failed = assert.rejects(resultOf(scheduler, requestOf([1])), { code: 'INVALID_ARGUMENT', message: 'bad row' });
  await settle();
  await group.current.fail(new ServingError('INVALID_ARGUMENT', 'bad row'));
  await failed;
  assert.equal(batches[0]?.outcome, 'model-error');
});

test('what the engine fails with for no reason of the model is an internal error', async () => {
  const { scheduler, group } = new Harness();
  const failed = assert.rejects(resultOf(scheduler, requestOf([1])), { code: 'INTERNAL' });
  await settle();
  await group.current.fail(new TypeError('a fault'));
  await failed;
});

test('requests that want different outputs share a run, and each gets its own, in its order', async () => {
  const { scheduler, group } = new Harness();
  const wishes = [['y'], ['z', 'y'], ['z']];
  const answers = wishes.map((outputs, index) => resultOf(scheduler, { ...requestOf([index]), outputs }));
  await settle();
  assert.deepEqual(group.current.batch.outputs, ['y', 'z']);
  const column = (name: string, ...data: number[]) => ({
    name,
    dataType: 'FP32' as const,
    shape: [3, 1],
    data: Float32Array.from(data),
  });
  await group.current.succeed([column('y', 1, 2, 3), column('z', 4, 5, 6)]);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ outputs }) =>
      outputs.map(({ name, data }) => [name, ...(data as Float32Array)]),
    ),
    [
      [['y', 1]],
      [
        ['z', 5],
        ['y', 2],
      ],
      [['z', 6]],
    ],
  );
});
