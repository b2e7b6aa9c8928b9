import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import { Admission, DrainRate } from '../../src/scheduling/admission.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import { requestOf } from './scheduler-harness.js';

const batching: Batching = { kind: 'dynamic', maxBatchSize: 8 };

/** One row takes 10 ms, four take 20, and no more go together. */
function admissionOf({ instanceCount = 1, maxQueueRows = 10, queuedRows = 0, curve = curveOfTen() } = {}): Admission {
  return new Admission({
    id: { name: 'm', version: 1 },
    curve,
    sizing: { batching, maxRows: 4 },
    group: { instanceCount },
    queue: { rows: queuedRows },
    maxQueueRows,
    now: () => 1000,
  });
}

function curveOfTen(): CostCurve {
  const curve = new CostCurve();
  curve.observe(1, 10);
  curve.observe(4, 20);
  return curve;
}

const rowsOf = (count: number, deadlineMs?: number) => requestOf(new Array<number>(count).fill(1), { deadlineMs });

const worlds: [string, number, { queuedRows?: number }, number | undefined, string][] = [
  ['a request that fits is taken', 3, { queuedRows: 7 }, undefined, 'taken'],
  ['one row more than the queue may hold is rejected', 4, { queuedRows: 7 }, undefined, 'UNAVAILABLE'],
  ['an empty queue takes whatever comes, however large', 50, {}, undefined, 'taken'],
  ['a request of no rows counts as one', 0, { queuedRows: 10 }, undefined, 'UNAVAILABLE'],
  ['a deadline that its own run meets', 1, {}, 1010, 'taken'],
  ['a deadline that its own run cannot meet', 1, {}, 1009.9, 'DEADLINE_EXCEEDED'],
  ['a deadline that has passed', 1, {}, 1000, 'DEADLINE_EXCEEDED'],
  ['two full batches that wait need 40 ms before it', 1, { queuedRows: 8 }, 1050, 'taken'],
  ['… and it comes too late', 1, { queuedRows: 8 }, 1049.9, 'DEADLINE_EXCEEDED'],
  ['a request that is cut needs a run for each chunk', 8, {}, 1040, 'taken'],
  ['… which do not all fit', 8, {}, 1039.9, 'DEADLINE_EXCEEDED'],
];

for (const [name, rows, load, deadlineMs, expected] of worlds) {
  test(`admission: ${name}`, () => {
    const rejection = admissionOf(load).rejection(rowsOf(rows, deadlineMs), 1000);
    assert.equal(rejection?.code ?? 'taken', expected);
  });
}

test('what waits is shared by the instances; where none is left it is not', () => {
  const isTaken = (instanceCount: number, deadlineMs: number): boolean =>
    admissionOf({ instanceCount, queuedRows: 8 }).rejection(rowsOf(1, deadlineMs), 1000) === undefined;
  assert.deepEqual(
    [isTaken(2, 1030), isTaken(2, 1029), isTaken(0, 1050), isTaken(0, 1049)],
    [true, false, true, false],
  );
});

test('a deadline is believed while nothing was learned of what runs cost', () => {
  const admission = admissionOf({ curve: new CostCurve(), queuedRows: 8 });
  assert.equal(admission.rejection(rowsOf(1, 1000.1), 1000), undefined);
});

test('who is rejected for the deadline hears how long it takes, and when to come back', () => {
  const rejection = admissionOf({ queuedRows: 8 }).rejection(rowsOf(1, 1020.4), 1000);
  assert.equal(rejection?.message, 'the deadline in 20 ms cannot be met: what waits and this request need about 50 ms');
  assert.equal(rejection?.retryAfterSeconds, 1);
});

test('Retry-After is the waiting rows by the measured throughput, from 1 to 30 seconds', () => {
  const secondsFor = (finishedRows: number, queuedRows: number): number | undefined => {
    const admission = admissionOf({ maxQueueRows: 1, queuedRows });
    admission.drainRate.finished(finishedRows, 2000);
    return admission.rejection(rowsOf(1), 2000)?.retryAfterSeconds;
  };
  assert.deepEqual([secondsFor(10, 50), secondsFor(10, 51), secondsFor(10, 5)], [5, 6, 1]);
  assert.equal(secondsFor(10, 10_000), 30);
  assert.equal(secondsFor(0, 10_000), 1, 'nothing was measured');
});

test('a queue is full at its limit, and one in which nothing waits never is', () => {
  const isFull = (maxQueueRows: number, queuedRows: number): boolean =>
    admissionOf({ maxQueueRows, queuedRows }).rejectionOfAll() !== undefined;
  assert.deepEqual(
    [0, 2, 3, 4].map((rows) => isFull(3, rows)),
    [false, false, true, true],
  );
  assert.equal(isFull(0, 0), false);
});

test('the drain rate counts what was finished by the time that passed, older work half after two seconds', () => {
  const rate = new DrainRate(0);
  assert.equal(rate.rowsPerSecond(0), 0);
  rate.finished(100, 1000);
  assert.equal(rate.rowsPerSecond(1000), 100);
  assert.equal(rate.rowsPerSecond(500), 100, 'a clock that goes back is none');
  rate.finished(100, 1000);
  assert.equal(rate.rowsPerSecond(1000), 200);
  const later = rate.rowsPerSecond(3000);
  assert.ok(Math.abs(later - (100 / (500 + 2000)) * 1000) < 1e-9, `${later}`);
  const muchLater = rate.rowsPerSecond(13_000);
  assert.ok(muchLater < 10, `${muchLater}`);
});

test('after a long pause the first work that is done counts as the pace of now', () => {
  const rate = new DrainRate(0);
  rate.finished(100, 60_000);
  const pace = rate.rowsPerSecond(60_000);
  assert.ok(pace > 1000, `${pace} rows a second, as if they had taken a minute`);
});

test('the budget of waiting tensors is that of all models together, and one larger than all of it may come alone', () => {
  const budget = new MemoryBudget(100);
  assert.deepEqual([budget.limitBytes, budget.tryReserve(500), budget.tryReserve(1)], [100, true, false]);
  budget.release(500);
  assert.deepEqual([budget.tryReserve(60), budget.tryReserve(40), budget.tryReserve(1)], [true, true, false]);
  assert.equal(budget.usedBytes, 100);
});
