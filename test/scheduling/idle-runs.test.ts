import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '../../src/core/inference-engine.js';
import { ServingError } from '../../src/core/serving-error.js';
import { asBatch } from '../../src/scheduling/batch-run.js';
import { joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

/** A run that nobody waits for, of one number. */
const idle = (value: number): Batch => asBatch(requestOf([value]).inputs, ['y']);

const running = ({ group }: Harness): unknown[] => joined(group.current.batch.inputs[0]?.parts ?? []);

const outcomeOf = (run: Promise<unknown>): { readonly ended: () => boolean } => {
  let hasEnded = false;
  const end = (): void => {
    hasEnded = true;
  };
  run.then(end, end);
  return { ended: () => hasEnded };
};

test('a run that nobody waits for begins when there is nothing else to do', async () => {
  const harness = new Harness();
  const result = harness.scheduler.runIdle(idle(7), 1000);
  await settle();
  assert.deepEqual(running(harness), [7]);
  assert.equal(harness.group.current.options.timeoutMs, 1000, 'within its own time');
  await harness.group.current.succeed();
  assert.equal((await result).outputs.length, 1);
});

test('requests go first, and wait for one such run at most', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  const { scheduler, group } = harness;
  for (const value of [7, 8]) void scheduler.runIdle(idle(value), 1000);
  await settle();
  const answers = [1, 2].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  assert.deepEqual(running(harness), [7]);
  await group.current.succeed();
  assert.deepEqual(running(harness), [1]);
  await group.current.succeed();
  assert.deepEqual(running(harness), [2]);
  await group.current.succeed();
  assert.deepEqual(running(harness), [8]);
  await Promise.all(answers);
});

test('where requests never pause it is let in after a while, and then again after longer', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  const { scheduler, group } = harness;
  const order: unknown[] = [];
  resultOf(scheduler, requestOf([0]));
  await settle();
  for (const value of [70, 80]) void scheduler.runIdle(idle(value), 1000);
  for (let request = 1; request <= 24; request++) {
    resultOf(scheduler, requestOf([request]));
    order.push(...running(harness));
    harness.nowMs += 20;
    await group.current.succeed();
  }
  assert.equal(order.filter((value) => value === 70).length, 1);
  assert.ok(order.indexOf(70) >= 3, 'not before the others');
  const [first, second] = [order.indexOf(70), order.indexOf(80)];
  assert.ok(second - first >= 9, 'requests keep nine tenths of the time');
});

test('it has waited since it came, and one that no instance takes goes on waiting', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  const { scheduler, group } = harness;
  harness.nowMs = 60_000;
  resultOf(scheduler, requestOf([1]));
  await settle();
  const { ended } = outcomeOf(scheduler.runIdle(idle(70), 1000));
  await settle();
  harness.nowMs += 49;
  resultOf(scheduler, requestOf([2]));
  await group.current.succeed();
  assert.deepEqual(running(harness), [2], 'it came 49 ms ago');
  harness.nowMs += 1;
  group.becomeFree();
  assert.equal(group.runs.length, 1, 'it is due, and no instance is free');
  resultOf(scheduler, requestOf([3]));
  await group.current.succeed();
  assert.deepEqual(running(harness), [70]);
  while (group.runs.length > 0) await group.current.succeed();
  assert.ok(ended());
});

test('none is run once they are stopped', async () => {
  const harness = new Harness();
  harness.scheduler.stopIdleRuns();
  await assert.rejects(harness.scheduler.runIdle(idle(1), 1000), { kind: 'CLOSED' });
  assert.equal(harness.group.runs.length, 0);
});

test('one that waits fails with the engine', async () => {
  const harness = new Harness({ batching: dynamic(1) });
  resultOf(harness.scheduler, requestOf([1])).catch(() => {});
  await settle();
  const { ended } = outcomeOf(harness.scheduler.runIdle(idle(7), 1000));
  harness.group.giveUp(new ServingError('UNAVAILABLE', 'given up'));
  await settle();
  assert.ok(ended());
});

test('requests share runs from the moment on at which that is allowed', async () => {
  const pending = { kind: 'none', reason: 'not known yet', pending: true } as const;
  const harness = new Harness({ batching: pending });
  const { scheduler, group } = harness;
  const before = [1, 2].map((value) => resultOf(scheduler, requestOf([value], { mergeable: false })));
  await settle();
  scheduler.setBatching(dynamic(8));
  const after = [3, 4].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  const runs: unknown[][] = [];
  while (group.runs.length > 0) {
    runs.push(running(harness));
    await group.current.succeed();
  }
  assert.deepEqual(runs, [[1], [2], [3, 4]]);
  await Promise.all([...before, ...after]);
});
