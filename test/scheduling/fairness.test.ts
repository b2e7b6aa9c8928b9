import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import type { ScheduledRequest } from '../../src/scheduling/scheduler.js';
import { joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

/** A scheduler of one row a run, on a clock that goes on by 100 ms with each of them. */
class Loop extends Harness {
  /** The first values of what was computed, in that order. */
  readonly order: unknown[] = [];

  constructor(options: ConstructorParameters<typeof Harness>[0] = {}) {
    super({ batching: dynamic(1), maxQueueRows: 1000, ...options });
  }

  send(value: number, options: Partial<ScheduledRequest> & { width?: number } = {}): Promise<unknown> {
    const { width = 1 } = options;
    return resultOf(this.scheduler, requestOf(new Array<number>(width).fill(value), options));
  }

  /** Computes what is in the engine. */
  async run(): Promise<unknown> {
    const [value] = joined(this.group.current.batch.inputs[0]?.parts ?? []);
    this.order.push(value);
    this.nowMs += 100;
    await this.group.current.succeed();
    return value;
  }

  /** Computes until nothing is left. */
  async drain(): Promise<readonly unknown[]> {
    while (this.group.runs.length > 0) await this.run();
    return this.order;
  }
}

/** Eight callers who ask again as soon as they are answered, of each value in turn, until `isOver`. */
function busyCallers(ask: (turn: number) => Promise<unknown>, isOver: () => boolean): void {
  let turn = 0;
  const next = (): void => {
    if (!isOver()) void ask(turn++).then(next);
  };
  for (let caller = 0; caller < 8; caller++) next();
}

/** The time at which the request of value 2 was computed while others kept coming; fails when it is never. */
async function timeOfTheLow(loop: Loop): Promise<number> {
  for (let turn = 0; turn < 200; turn++) if ((await loop.run()) === 2) return loop.nowMs;
  throw new assert.AssertionError({ message: 'the request of low priority was passed over 200 times' });
}

test('a higher priority goes first, whichever came first', async () => {
  const loop = new Loop();
  const answers = [loop.send(0)];
  await settle();
  answers.push(loop.send(3, { priority: 3 }), loop.send(2, { priority: 2 }), loop.send(1, { priority: 1 }));
  assert.deepEqual(await loop.drain(), [0, 1, 2, 3]);
  await Promise.all(answers);
});

test('a low priority is served in the end, however many callers of the highest keep asking', async () => {
  const loop = new Loop();
  let isOver = false;
  busyCallers(
    () => loop.send(1, { priority: 1 }),
    () => isOver,
  );
  const low = loop.send(2, { priority: 2 });
  await settle();
  const atMs = await timeOfTheLow(loop);
  isOver = true;
  assert.ok(atMs > 1000, `it came before those of a higher priority, after ${atMs} ms`);
  assert.ok(atMs <= 2000, `it waited ${atMs} ms, as those that came a second later have been served`);
  await loop.drain();
  await low;
});

test('a priority is worth a second for each level, however long all wait', async () => {
  const loop = new Loop();
  const answers = [loop.send(0)];
  await settle();
  answers.push(loop.send(2, { priority: 2 }), loop.send(4, { priority: 4 }));
  loop.nowMs = 999;
  answers.push(loop.send(1, { priority: 1 }));
  loop.nowMs = 2001;
  answers.push(loop.send(5, { priority: 1 }), loop.send(6, { priority: 2 }));
  loop.nowMs = 60_000;
  assert.deepEqual(await loop.drain(), [0, 1, 2, 5, 4, 6]);
  await Promise.all(answers);
});

test('of requests that are equally urgent the one that has waited longest goes first', async () => {
  const loop = new Loop();
  const answers = [loop.send(0, { priority: 8 })];
  await settle();
  answers.push(loop.send(1, { priority: 9 }));
  loop.nowMs = 1000;
  answers.push(loop.send(2, { priority: 8 }), loop.send(3, { priority: 8 }));
  assert.deepEqual(await loop.drain(), [0, 1, 2, 3]);
  await Promise.all(answers);
});

test('a low priority of another shape is served in the end, too', async () => {
  const loop = new Loop();
  let isOver = false;
  busyCallers(
    () => loop.send(1, { priority: 1 }),
    () => isOver,
  );
  const low = loop.send(2, { priority: 3, width: 2 });
  await settle();
  const atMs = await timeOfTheLow(loop);
  isOver = true;
  assert.ok(atMs > 2000 && atMs <= 2300, `after ${atMs} ms`);
  await loop.drain();
  await low;
});

test('a higher priority goes first across shapes', async () => {
  const loop = new Loop();
  const answers = [loop.send(0)];
  await settle();
  answers.push(loop.send(2, { priority: 2, width: 2 }), loop.send(1, { priority: 1, width: 3 }));
  assert.deepEqual(await loop.drain(), [0, 1, 2]);
  await Promise.all(answers);
});

test('another shape waits in a queue of its own: it closes no batch, and a flood of one does not hold it up', async () => {
  const loop = new Loop({ batching: dynamic(2) });
  const answers = [loop.send(0)];
  await settle();
  answers.push(loop.send(1), loop.send(7, { width: 2 }), ...[2, 3, 4, 5, 6].map((value) => loop.send(value)));
  const runs: unknown[] = [];
  while (loop.group.runs.length > 0) {
    runs.push(joined(loop.group.current.batch.inputs[0]?.parts ?? []));
    await loop.run();
  }
  assert.deepEqual(runs, [[0], [1, 2], [7, 7], [3, 4], [5, 6]]);
  await Promise.all(answers);
});

test('shapes share the engine by the time that they take, not by their runs', async () => {
  const curve = new CostCurve();
  curve.observe(1, 1);
  curve.observe(4, 2);
  const loop = new Loop({ batching: dynamic(4), curve });
  const answers = [loop.send(0)];
  await settle();
  for (let row = 0; row < 16; row++) answers.push(loop.send(1));
  for (let turn = 0; turn < 8; turn++) answers.push(loop.send(2, { width: 2, mergeable: false }));
  const order = await loop.drain();
  // Four rows of the one take 2 ms, and two runs of the other as long.
  assert.equal(order.slice(1, 7).filter((value) => value === 2).length, 4, order.join());
  await Promise.all(answers);
});

test('a shape that had its turn is not passed over for ever by requests of ever new shapes', async () => {
  const loop = new Loop();
  let isOver = false;
  const answers = [loop.send(0, { width: 2 }), loop.send(2, { width: 2 })];
  busyCallers(
    (turn) => loop.send(1, { width: turn + 3 }),
    () => isOver,
  );
  await settle();
  await timeOfTheLow(loop);
  isOver = true;
  await loop.drain();
  await Promise.all(answers);
});

test('a shape that was not there gets no credit for that: it shares the engine from when it comes', async () => {
  const loop = new Loop();
  const answers = Array.from({ length: 10 }, () => loop.send(1));
  await settle();
  for (let run = 0; run < 5; run++) await loop.run();
  answers.push(...[2, 2, 2].map((value) => loop.send(value, { width: 2 })));
  const order = await loop.drain();
  assert.deepEqual(order.slice(5, 12), [1, 1, 2, 1, 2, 1, 2], order.join());
  await Promise.all(answers);
});

test('a request of another shape in vain: whoever leaves is not waited for', async () => {
  const loop = new Loop();
  const caller = new AbortController();
  const answers = [loop.send(0)];
  await settle();
  const gone = loop.send(2, { width: 2, signal: caller.signal }).catch(() => 'gone');
  answers.push(loop.send(1));
  caller.abort();
  assert.deepEqual([await gone, await loop.drain()], ['gone', [0, 1]]);
  await Promise.all(answers);
});

test('callers take turns, however many requests one of them has waiting', async () => {
  const loop = new Loop();
  const answers = [loop.send(0, { caller: 'greedy' })];
  await settle();
  for (const value of [1, 2, 3, 4]) answers.push(loop.send(value, { caller: 'greedy' }));
  for (const value of [10, 11]) answers.push(loop.send(value, { caller: 'modest' }));
  assert.deepEqual(await loop.drain(), [0, 1, 10, 2, 11, 3, 4]);
  await Promise.all(answers);
});

test('the lowest priorities are all the same', async () => {
  const loop = new Loop();
  const answers = [1, 1_000_000, 1000, 100, 99].map((priority) => loop.send(priority, { priority }));
  await settle();
  assert.deepEqual(await loop.drain(), [1, 99, 1_000_000, 1000, 100]);
  await Promise.all(answers);
});

test('what waits is spread over idle instances where a run is long enough, and not where it is short', async () => {
  const spread = async (runMs: number): Promise<number[]> => {
    const curve = new CostCurve();
    for (const rows of [1, 2, 4, 8]) curve.observe(rows, runMs);
    const { scheduler, group } = new Harness({ instances: 2, curve });
    const answers = [1, 2, 3, 4, 5, 6].map((value) => resultOf(scheduler, requestOf([value])));
    await settle();
    const sizes = group.runs.map(({ batch }) => batch.inputs[0]?.shape[0] as number);
    while (group.runs.length > 0) await group.current.succeed();
    await Promise.all(answers);
    return sizes;
  };
  assert.deepEqual(await spread(1), [3, 3]);
  assert.deepEqual(await spread(0.9), [6]);
});

test('a suspect waits for its turn, which a batch of others brings, and keeps it while no instance is empty', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(1), instances: 1 });
  const refuseExclusive = { isOn: false };
  const tryRun = group.tryRun.bind(group);
  group.tryRun = (batch, options) =>
    refuseExclusive.isOn && options?.exclusive === true ? undefined : tryRun(batch, options);
  const order: unknown[] = [];
  const answers = [666, 1, 2, 3].map((value) =>
    resultOf(scheduler, requestOf([value])).then(
      () => order.push(value),
      () => order.push('poison'),
    ),
  );
  await settle();
  await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE'));
  assert.deepEqual(joined(group.current.batch.inputs[0]?.parts ?? []), [1], 'others were not served since');
  refuseExclusive.isOn = true;
  await group.current.succeed();
  assert.equal(group.runs.length, 0, 'it waits for an empty instance, and the others wait with it');
  refuseExclusive.isOn = false;
  group.becomeFree();
  assert.deepEqual(joined(group.current.batch.inputs[0]?.parts ?? []), [666]);
  await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE'));
  while (group.runs.length > 0) await group.current.succeed();
  await Promise.all(answers);
  assert.deepEqual(order, [1, 'poison', 2, 3]);
});

test('what ran again alone is no batch of others: a suspect goes on waiting', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(1) });
  const answers = [666, 1, 2].map((value) => resultOf(scheduler, requestOf([value])).catch(() => {}));
  const runs: unknown[] = [];
  await settle();
  const crashes = [666, 1];
  while (group.runs.length > 0) {
    const [value] = joined(group.current.batch.inputs[0]?.parts ?? []) as [number];
    runs.push(value);
    const crash = crashes.indexOf(value);
    if (crash < 0) await group.current.succeed();
    else {
      crashes.splice(crash, 1);
      await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE', value === 666));
    }
  }
  await Promise.all(answers);
  assert.deepEqual(runs, [666, 1, 1, 2, 666]);
});
