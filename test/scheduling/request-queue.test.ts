import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchAxes, Batching } from '../../src/core/model.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ActiveRequest } from '../../src/scheduling/active-request.js';
import { BatchSizing, type BatchSizingOptions } from '../../src/scheduling/batch-sizing.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { type Departure, RequestQueue } from '../../src/scheduling/request-queue.js';
import { activeOf } from './active-requests.js';
import { dynamic } from './scheduler-harness.js';

const nothingLeaves = { lookAgainInMs: Number.POSITIVE_INFINITY };

/** A queue whose requests are named by their shape and a number: `a1` is of shape `a`. One row a run, unless said otherwise. */
class Line {
  readonly curve = new CostCurve();
  readonly queue: RequestQueue;
  readonly sizing: BatchSizing;
  readonly group = { idleInstances: 1 };
  nowMs = 0;
  readonly #names = new Map<ActiveRequest, string>();

  constructor({
    batching = dynamic(1),
    maxDelayMs = 0,
    tokens,
  }: { batching?: Batching; maxDelayMs?: number } & Pick<BatchSizingOptions, 'tokens'> = {}) {
    const policy: BatchSizingOptions['policy'] = { maxDelayMs, preferredSizes: [], allowedSizes: [] };
    this.sizing = new BatchSizing({ batching, policy, curve: this.curve, runTimeoutMs: 1000, tokens });
    this.queue = new RequestQueue({ sizing: this.sizing, group: this.group });
  }

  add(name: string, options: NonNullable<Parameters<typeof activeOf>[1]> & { values?: readonly number[] } = {}) {
    const { values = [1], ...rest } = options;
    const active = activeOf(values, { shapeKey: name.slice(0, 1), enqueuedAtMs: this.nowMs, ...rest });
    this.#names.set(active, name);
    this.queue.add(active);
    return active;
  }

  addAll(names: string, options: Parameters<Line['add']>[1] = {}): void {
    for (const name of names.split(' ')) this.add(name, options);
  }

  departure(): Departure {
    const next = this.queue.next(this.nowMs);
    assert.ok('run' in next, 'something leaves');
    return next;
  }

  names({ run }: Departure): string {
    return run.chunks.map(({ owner }) => this.#names.get(owner)).join('+');
  }

  /** What leaves in the next runs. */
  leave(runs: number): string {
    const order: string[] = [];
    for (let run = 0; run < runs; run++) {
      const departure = this.departure();
      this.queue.left(departure);
      order.push(this.names(departure));
    }
    return order.join(' ');
  }
}

test('rows wait until they leave or are forgotten, and are counted once', () => {
  const line = new Line({ batching: dynamic(2) });
  const active = line.add('a1', { values: [1, 2, 3], chunkRows: 2 });
  line.add('b1', { values: [1, 2] });
  assert.equal(line.queue.rows, 5);
  assert.equal(line.leave(1), 'a1');
  assert.deepEqual([line.queue.rows, active.waitingRows], [3, 1]);
  active.fail(new ServingError('CANCELED', 'test'));
  for (let times = 0; times < 2; times++) line.queue.forget(active);
  assert.deepEqual([line.queue.rows, active.waitingRows], [2, 0]);
  assert.equal(line.leave(1), 'b1');
  assert.equal(line.queue.rows, 0);
  assert.deepEqual(line.queue.next(0), nothingLeaves);
});

test('a queue whose requests were all forgotten lets nothing leave, and does not ask to be looked at', () => {
  const line = new Line({ maxDelayMs: 10, batching: dynamic(8) });
  const active = line.add('a1', { deadlineMs: 5 });
  active.fail(new ServingError('CANCELED', 'test'));
  line.queue.forget(active);
  assert.deepEqual(line.queue.next(0), nothingLeaves);
  line.add('a2');
  assert.deepEqual(line.queue.next(0), { lookAgainInMs: 10 });
});

test('a request that is settled and not forgotten yet does not leave', () => {
  const line = new Line();
  line.add('a1').fail(new ServingError('CANCELED', 'test'));
  assert.deepEqual(line.queue.next(0), nothingLeaves);
});

test('a run tells its rows and why it left', () => {
  const line = new Line({ batching: dynamic(3) });
  line.add('a1', { values: [1, 2] });
  line.add('a2', { values: [1, 2] });
  const full = line.departure().run;
  assert.deepEqual([full.rows, full.reason], [2, 'full']);
  const idle = line.departure().run;
  assert.deepEqual([idle.rows, idle.reason], [2, 'idle']);
});

test('the requests of a model that does not batch leave one at a time', () => {
  const line = new Line({ batching: { kind: 'none', reason: 'test' } });
  line.addAll('a1 a2');
  assert.equal(line.leave(2), 'a1 a2');
});

test('what no instance took leaves next, in the same order', () => {
  const line = new Line({ batching: dynamic(2) });
  line.addAll('a1 a2 a3');
  line.queue.giveBack(line.departure());
  assert.equal(line.queue.rows, 3);
  assert.equal(line.leave(2), 'a1+a2 a3');
});

test('a delay is looked at again when the first of all queues is over', () => {
  const line = new Line({ batching: dynamic(8), maxDelayMs: 10 });
  line.add('a1', { enqueuedAtMs: 3 });
  line.add('b1', { enqueuedAtMs: 1 });
  assert.deepEqual(line.queue.next(4), { lookAgainInMs: 7 });
  line.nowMs = 11;
  assert.equal(line.leave(1), 'b1');
  assert.deepEqual(line.queue.next(11), { lookAgainInMs: 2 });
});

test('a delay ends while the first deadline can still be met, by what a run of those that wait takes', () => {
  const line = new Line({ batching: dynamic(8), maxDelayMs: 100 });
  for (const [rows, ms] of [
    [1, 2],
    [2, 5],
    [8, 30],
  ] as const)
    line.curve.observe(rows, ms);
  line.add('a1', { deadlineMs: 20 });
  line.add('a2', { deadlineMs: 90 });
  assert.deepEqual(line.queue.next(8), { lookAgainInMs: 7 });
  line.nowMs = 15;
  assert.equal(line.departure().run.reason, 'deadline');
});

test('idle instances share what waits, where a run takes long enough', () => {
  const line = new Line({ batching: dynamic(8) });
  line.curve.observe(4, 10);
  line.curve.observe(8, 12);
  line.group.idleInstances = 2;
  line.addAll('a1 a2 a3 a4');
  assert.equal(line.leave(1), 'a1+a2');
});

test('among queues the most urgent leaves first, then the one that was given least time, then who waits longest', () => {
  const line = new Line();
  line.nowMs = 9;
  line.add('a1', { priority: 2, enqueuedAtMs: 0 });
  line.add('b1', { enqueuedAtMs: 8 });
  line.add('c1', { enqueuedAtMs: 7 });
  line.add('c2', { enqueuedAtMs: 7 });
  assert.equal(line.leave(4), 'c1 b1 c2 a1');
});

test('a priority is raised by the time that a request has waited, not by the time of day', () => {
  const line = new Line();
  line.nowMs = 1_000_000;
  line.add('a1', { priority: 3, enqueuedAtMs: line.nowMs - 1000 });
  line.add('b1', { priority: 2, enqueuedAtMs: line.nowMs });
  line.add('c1', { priority: 1, enqueuedAtMs: line.nowMs });
  line.add('d1', { priority: 9, enqueuedAtMs: line.nowMs });
  assert.equal(line.leave(4), 'c1 a1 b1 d1');
});

test('one batch of twice the size that was learned tells enough: the next is of that size again', () => {
  const line = new Line({ batching: dynamic(8) });
  for (const [rows, ms] of [
    [1, 10],
    [2, 19],
  ] as const)
    line.curve.observe(rows, ms);
  for (let run = 0; run < 64; run++) line.sizing.finished(1, 10, 1);
  line.addAll('a1 a2 a3 a4');
  assert.equal(line.leave(3), 'a1+a2 a3 a4');
});

test('queues whose runs nothing is known of take turns', () => {
  const line = new Line();
  line.addAll('a1 a2');
  line.nowMs = 1;
  line.add('b1');
  assert.equal(line.leave(3), 'a1 b1 a2');
});

test('queues share the time that their runs are expected to take', () => {
  const line = new Line({ batching: dynamic(4) });
  line.curve.observe(1, 10);
  line.curve.observe(4, 30);
  line.add('a1', { values: [1, 2, 3, 4] });
  line.add('a2', { values: [1, 2, 3, 4] });
  line.nowMs = 1;
  for (const name of ['b1', 'b2', 'b3', 'b4']) line.add(name, { mergeable: false });
  assert.equal(line.leave(6), 'a1 b1 b2 b3 a2 b4');
});

test('a shape that comes takes turns with those that are there: neither behind their past nor before it', () => {
  const line = new Line();
  line.addAll('a1 a2 a3 a4 a5 b1 b2 b3 b4 b5');
  assert.equal(line.leave(6), 'a1 b1 a2 b2 a3 b3');
  line.nowMs = 1;
  line.addAll('c1 c2 c3');
  assert.equal(line.leave(6), 'a4 b4 c1 a5 b5 c2');
});

test('a shape that comes gains nothing by others that a higher priority has passed', () => {
  const line = new Line();
  line.add('b1', { priority: 50 });
  line.addAll('a1 a2 a3 a4 a5');
  assert.equal(line.leave(4), 'a1 a2 a3 a4');
  line.nowMs = 1;
  line.addAll('c1 c2 c3');
  assert.equal(line.leave(3), 'c1 a5 c2');
});

test('shapes that are gone count no more', () => {
  const line = new Line();
  line.addAll('d1 e1 f1');
  line.leave(3);
  line.addAll('a1 a2 a3 a4');
  assert.equal(line.leave(3), 'a1 a2 a3');
  line.nowMs = 1;
  line.addAll('c1 c2');
  assert.equal(line.leave(3), 'a4 c1 c2');
});

test('a shape that idled has no credit when it comes again', () => {
  const line = new Line();
  line.add('a1', { priority: 3 });
  line.addAll('b1 b2 b3 b4 b5 b6');
  assert.equal(line.leave(4), 'b1 b2 b3 b4');
  line.nowMs = 2000;
  assert.equal(line.leave(1), 'a1');
  line.addAll('a2 a3 a4');
  assert.equal(line.leave(4), 'a2 b5 a3 b6');
});

test('a shape that waits keeps its credit when more of it comes', () => {
  const line = new Line();
  line.addAll('b1 b2 b3 b4 b5 b6');
  line.add('a1', { priority: 3 });
  assert.equal(line.leave(4), 'b1 b2 b3 b4');
  line.add('a2', { priority: 3 });
  line.nowMs = 2000;
  assert.equal(line.leave(3), 'a1 a2 b5');
});

test('a request that must run alone ends the batch before it, and is one by itself', () => {
  const line = new Line({ batching: dynamic(8) });
  line.addAll('a1 a2');
  line.add('a3', { mergeable: false });
  line.addAll('a4 a5');
  assert.equal(line.leave(3), 'a1+a2 a3 a4+a5');
});

test('rows that are dear to lay beside others run alone, and those along the first axis never are', () => {
  const second: BatchAxes = { inputs: new Map([['x', 1]]), outputs: new Map() };
  const wide = Array.from({ length: 100 }, (_, index) => index);
  const columns = (name: string, axes: BatchAxes | undefined, runMs: number): string => {
    const line = new Line({ batching: dynamic(4) });
    for (const rows of [1, 2, 4]) line.curve.observe(rows, runMs);
    for (const number of [1, 2]) {
      const active = line.add(`${name}${number}`, { values: wide, rows: 1, axes, chunkRows: 1 });
      Object.assign(active.request.inputs[0] as object, { shape: [100, 1] });
    }
    return line.names(line.departure());
  };
  assert.equal(columns('a', second, 0.001), 'a1');
  assert.equal(columns('b', second, 10), 'b1+b2');
  assert.equal(columns('c', undefined, 0.001), 'c1+c2');
});

test('sequences of tokens share runs of as many tokens as fit, those of each length with their like', () => {
  const tokens = { maxBatchTokens: 8, tokensOf: ([ids]: readonly NamedTensor[]) => ids?.data.length ?? 0 };
  const line = new Line({ batching: dynamic(3), tokens });
  for (const name of ['a1', 'a2', 'a3']) line.add(name, { values: [1, 2, 3, 4], rows: 1, chunkRows: 1 });
  for (const name of ['b1', 'b2', 'b3', 'b4']) line.add(name, { values: [1, 2], rows: 1, chunkRows: 1 });
  line.add('c1', { values: new Array(20).fill(1), rows: 1, chunkRows: 1 });
  assert.equal(line.leave(5), 'a1+a2 b1+b2+b3 c1 a3 b4');
});
