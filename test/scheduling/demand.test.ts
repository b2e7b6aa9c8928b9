import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DecayingRate } from '../../src/core/decaying-rate.js';
import type { Batching } from '../../src/core/model.js';
import { capacityRowsPerSecond, OfferedLoad } from '../../src/scheduling/admission.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

const isNear = (actual: number, expected: number, share = 0.02): void =>
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual}, expected about ${expected}`);

/** `perSecond` of something, evenly, from `fromMs` to `toMs`. */
function come(add: (nowMs: number) => void, perSecond: number, fromMs: number, toMs: number): void {
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 1000 / perSecond) add(nowMs);
}

test('a rate is what comes a second; what came a half-life ago counts half', () => {
  const rate = new DecayingRate(1000, 0);
  assert.equal(rate.perSecond(0), 0);
  come((nowMs) => rate.add(2, nowMs), 50, 0, 10_000);
  isNear(rate.perSecond(10_000), 100);
  isNear(rate.perSecond(11_000), 50);
  isNear(rate.perSecond(13_000), 12.5);
  come((nowMs) => rate.add(1, nowMs), 50, 20_000, 21_000);
  isNear(rate.perSecond(21_000), 25, 0.05);
});

test('what came a while ago counts less, though nobody looked meanwhile', () => {
  const [watched, unwatched] = [new OfferedLoad(0), new OfferedLoad(0)];
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 10) {
    if (nowMs > 10_000 && nowMs < 60_000) continue;
    for (const load of [watched, unwatched]) load.came(2, nowMs);
    if (nowMs % 1000 === 0) watched.rowsPerSecond(nowMs);
  }
  isNear(unwatched.rowsPerSecond(60_000), watched.rowsPerSecond(60_000));
});

test('to ask for a rate changes nothing, however often', () => {
  const [asked, left] = [new DecayingRate(1000, 0), new DecayingRate(1000, 0)];
  for (let nowMs = 0; nowMs < 3000; nowMs += 10) {
    for (const rate of [asked, left]) rate.add(1, nowMs);
    asked.perSecond(nowMs + 5);
  }
  isNear(asked.perSecond(3000), left.perSecond(3000));
});

test('the first thing that comes is no flood', () => {
  const rate = new DecayingRate(20_000, 0);
  rate.add(100, 1);
  assert.ok(rate.perSecond(1) < 25, `${rate.perSecond(1)}`);
});

test('a clock that stands still or goes back is none', () => {
  const rate = new DecayingRate(1000, 1000);
  rate.add(1, 900);
  assert.equal(rate.perSecond(900), 0);
  assert.ok(rate.perSecond(2000) > 0);
});

test('a request that nobody read counts as many rows as others have, and one before any came', () => {
  const load = new OfferedLoad(0);
  assert.equal(load.meanRows(0), 1);
  load.came(6, 100);
  load.came(2, 200);
  isNear(load.meanRows(1000), 4, 1e-9);
  load.cameUnread(1000);
  isNear(load.meanRows(2000), 4, 1e-9);
  isNear(load.rowsPerSecond(2000) / load.meanRows(2000), 3 / 5, 0.05);
});

/** 1 row takes 10 ms, 8 take 20. */
const curve = new CostCurve();
curve.observe(1, 10);
curve.observe(8, 20);
const apart: Batching = { kind: 'none', reason: 'no rows' };

const capacities: [string, Batching, number, number, number, number | undefined][] = [
  ['runs of the best size', dynamic(8), 8, 1, 1, 400],
  ['… on every instance', dynamic(8), 8, 1, 3, 1200],
  ['… which may be started again just now', dynamic(8), 8, 1, 0, 400],
  ['runs of a fixed size', { kind: 'fixed', rows: 8 }, 8, 1, 1, 400],
  ['runs of one request each', apart, 1, 1, 1, 100],
  ['… with as many rows as requests have', apart, 1, 8, 1, 400],
];

for (const [name, batching, maxRows, meanRows, instances, expected] of capacities) {
  test(`capacity: ${name}`, () => {
    assert.equal(capacityRowsPerSecond(curve, { batching, maxRows, meanRows, instances }), expected);
  });
}

test('capacity: unknown before a run was measured', () => {
  const facts = { batching: dynamic(8), maxRows: 8, meanRows: 1, instances: 1 };
  assert.equal(capacityRowsPerSecond(new CostCurve(), facts), undefined);
});

test('capacity: unknown where runs take no time that could be measured', () => {
  const immeasurable = new CostCurve();
  immeasurable.observe(8, 0);
  const facts = { batching: dynamic(8), maxRows: 8, meanRows: 1, instances: 1 };
  assert.equal(capacityRowsPerSecond(immeasurable, facts), undefined);
});

test('a scheduler counts what it is asked for, rejected or not, read or not', async () => {
  const harness = new Harness({ maxQueueRows: 2 });
  const { scheduler } = harness;
  harness.curve.observe(1, 10);
  assert.deepEqual(scheduler.demand(), { offeredRowsPerSecond: 0, capacityRowsPerSecond: 100 });
  const offer = (rows: number) =>
    resultOf(scheduler, requestOf(new Array<number>(rows).fill(1))).catch(() => undefined);
  void offer(2);
  void offer(2);
  harness.nowMs = 100;
  assert.equal(scheduler.rejection()?.code, 'UNAVAILABLE');
  harness.nowMs = 1000;
  const expected = new OfferedLoad(0);
  for (const cameAtMs of [0, 0, 100]) expected.came(2, cameAtMs);
  isNear(scheduler.demand().offeredRowsPerSecond, expected.rowsPerSecond(1000));
});
