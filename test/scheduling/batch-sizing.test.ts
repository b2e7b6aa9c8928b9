import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import type { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { BatchSizing, type BatchSizingOptions } from '../../src/scheduling/batch-sizing.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';

const dynamic = (maxBatchSize: number): Batching => ({ kind: 'dynamic', maxBatchSize });
const fixed: Batching = { kind: 'fixed', rows: 4 };
const none: Batching = { kind: 'none', reason: 'test' };

/** Throughput grows up to 4 rows a run. */
function sizingOf(options: Partial<BatchSizingOptions> = {}): BatchSizing {
  const curve = new CostCurve();
  for (const [rows, ms] of [
    [1, 10],
    [2, 11],
    [4, 12],
    [8, 30],
  ] as const)
    curve.observe(rows, ms);
  const policy = { maxDelayMs: 0, preferredSizes: [], allowedSizes: [2, 16] };
  return new BatchSizing({ batching: dynamic(64), policy, curve, runTimeoutMs: 60_000, ...options });
}

const request = { inputs: [], rows: 10, mergeable: true, separate: false };

test('a run takes what is worth it, the number of rows that is fixed, or one request', () => {
  const sizes = [dynamic(64), dynamic(3), fixed, none].map((batching) => sizingOf({ batching }).maxRows);
  assert.deepEqual(sizes, [4, 3, 4, 1]);
});

test('only a free number of rows is padded to sizes that are allowed', () => {
  const sizes = [dynamic(64), fixed, none].map((batching) => sizingOf({ batching }).policy.allowedSizes);
  assert.deepEqual(sizes, [[2, 16], [], []]);
});

const chunks: [string, Batching, Partial<typeof request>, number][] = [
  ['of rows that may be laid side by side is what a run takes', dynamic(64), {}, 4],
  ['of a huge request is larger, lest it falls to dust', dynamic(64), { rows: 16_384 * 10 + 1 }, 11],
  ['is no larger than the model takes, all the same', dynamic(8), { rows: 16_384 * 10 }, 8],
  ['of a fixed number of rows is that', fixed, {}, 4],
  ['of a request that must not be cut is all of it', dynamic(64), { mergeable: false }, 10],
  ['of one question is all of it, where rows must not share a run', none, {}, 10],
  ['of rows that are questions of their own is one, where they must not', none, { separate: true }, 1],
  ['is at least one row', none, { rows: 0 }, 1],
];

for (const [name, batching, change, expected] of chunks) {
  test(`a chunk ${name}`, () => assert.equal(sizingOf({ batching }).chunkRows({ ...request, ...change }), expected));
}

const rejectionOf = (sizing: BatchSizing, asked: typeof request): ServingError | undefined =>
  sizing.rejection(asked.rows, sizing.chunkRows(asked));

test('a request of more rows than may be cut is rejected, with what is expected', () => {
  const sizing = sizingOf({ batching: dynamic(2) });
  assert.equal(rejectionOf(sizing, { ...request, rows: 2 * 16_384 }), undefined);
  const rejection = rejectionOf(sizing, { ...request, rows: 2 * 16_384 + 1 });
  assert.equal(rejection?.code, 'INVALID_ARGUMENT');
  assert.match(rejection?.message ?? '', /has 32769 rows and the model computes 2 at a time: expected at most 32768/);
});

test('while the proof goes on it is to come back in a second', () => {
  const sizing = sizingOf({ batching: { ...none, pending: true } });
  const rejection = rejectionOf(sizing, { ...request, rows: 16_385, mergeable: true, separate: true });
  assert.deepEqual([rejection?.code, rejection?.retryAfterSeconds], ['UNAVAILABLE', 1]);
  assert.match(rejection?.message ?? '', /at most 16384 rows/);
  const proven = rejectionOf(sizingOf({ batching: none }), {
    ...request,
    rows: 16_385,
    mergeable: true,
    separate: true,
  });
  assert.equal(proven?.code, 'INVALID_ARGUMENT');
});

test('a run is overdue at a hundred times what it should take, never before five seconds, always at the limit', () => {
  const sizing = sizingOf();
  assert.equal(sizing.overdueAfterMs(1), 5000, '100 × 10 ms are one second');
  assert.equal(sizingOf({ curve: curveOfOne(200) }).overdueAfterMs(1), 20_000);
  assert.equal(sizingOf({ curve: curveOfOne(2000) }).overdueAfterMs(1), 60_000);
  assert.equal(sizingOf({ runTimeoutMs: 300 }).overdueAfterMs(1), 300);
  assert.equal(sizingOf({ curve: new CostCurve() }).overdueAfterMs(1), 60_000, 'nothing is known');
  assert.equal(
    sizingOf({ learnsRunTimeout: false }).overdueAfterMs(1),
    60_000,
    'the operator has said what it may take',
  );
});

function curveOfOne(ms: number): CostCurve {
  const curve = new CostCurve();
  curve.observe(1, ms);
  return curve;
}

test('what a run takes is expected from the runs before; nothing while there was none', () => {
  assert.deepEqual([sizingOf().expectedMs(2), sizingOf({ curve: new CostCurve() }).expectedMs(2)], [11, 0]);
});

/** So many runs of one row. */
function work(sizing: BatchSizing, runs: number): void {
  for (let run = 0; run < runs; run++) {
    sizing.finished(1, 10, 1);
  }
}

test('every 64 runs a batch of twice the size may leave, once', () => {
  const sizing = sizingOf();
  work(sizing, 63);
  assert.equal(sizing.policy.maxRows, 4);
  work(sizing, 1);
  assert.equal(sizing.policy.maxRows, 8);
  assert.deepEqual([sizing.maxRows, sizing.policy.allowedSizes], [4, [2, 16]]);
  sizing.left(5, 1);
  assert.equal(sizing.policy.maxRows, 4);
  work(sizing, 64);
  assert.equal(sizing.policy.maxRows, 8);
});

test('none of twice the size leaves beyond the largest, beyond the latency target, or of a fixed number of rows', () => {
  const worlds: Partial<BatchSizingOptions>[] = [
    { batching: dynamic(5) },
    { latencyTargetMs: 29 },
    { latencyTargetMs: 30 },
    { batching: fixed },
    { batching: none },
  ];
  const largest = worlds.map((options) => {
    const sizing = sizingOf(options);
    work(sizing, 64);
    return sizing.policy.maxRows;
  });
  assert.deepEqual(largest, [5, 4, 8, 4, 1]);
});

test('a size that has become worth it is taken from the next update on', () => {
  const sizing = sizingOf();
  for (let run = 0; run < 200; run++) sizing.finished(run % 2 === 0 ? 8 : 16, run % 2 === 0 ? 13 : 60, 1);
  assert.equal(sizing.maxRows, 8);
});

test('how requests share runs may change: sizes are looked up again, and none is explored', () => {
  const sizing = sizingOf({ batching: none });
  work(sizing, 64);
  sizing.setBatching(dynamic(64));
  assert.deepEqual([sizing.batching.kind, sizing.maxRows, sizing.policy.maxRows], ['dynamic', 4, 4]);
  work(sizing, 63);
  assert.equal(sizing.policy.maxRows, 4, 'the count begins anew');
  work(sizing, 1);
  assert.equal(sizing.policy.maxRows, 8);
  sizing.setBatching(dynamic(64));
  assert.equal(sizing.policy.maxRows, 4);
  const axes = { inputs: new Map([['x', 0]]), outputs: new Map() };
  sizing.stopBatching('they differ', axes);
  assert.deepEqual(sizing.batching, { kind: 'none', reason: 'they differ', axes });
});

const texts = (rows: number, length: number) => {
  const ids: NamedTensor = { name: 'input_ids', dataType: 'INT32', shape: [rows, length], data: new Int32Array(0) };
  return { ...request, inputs: [ids], rows };
};
const tokens = { maxBatchTokens: 1024, tokensOf: ([ids]: readonly NamedTensor[]) => ids?.shape[1] ?? 1 };

/** Throughput grows up to 512 tokens a run. */
function tokenSizing(options: Partial<BatchSizingOptions> = {}): BatchSizing {
  const curve = new CostCurve();
  for (const size of [64, 128, 256, 512, 1024]) curve.observe(size, 10 + Math.max(size, 2 * size - 512) / 10);
  return sizingOf({ curve, tokens, ...options });
}

test('where rows are sequences of tokens, a run takes fewer of the longer ones, and always one', () => {
  const sizing = tokenSizing();
  const rows = [1, 8, 32, 100, 512, 4000].map((length) => sizing.policyFor(length).maxRows);
  assert.deepEqual(rows, [64, 64, 16, 5, 1, 1]);
  assert.deepEqual(
    [8, 32, 4000].map((length) => sizing.chunkRows(texts(100, length))),
    [64, 16, 1],
  );
  assert.deepEqual(sizing.learned, { kind: 'dynamic', maxBatchSize: 64, maxBatchTokens: 512 });
  const fixedRows = tokenSizing({ batching: fixed });
  assert.deepEqual([fixedRows.policyFor(100).maxRows, fixedRows.chunkRows(texts(9, 100))], [4, 4]);
});

test('what a run of them takes is expected by its tokens, and learned by them', () => {
  const sizing = tokenSizing();
  assert.equal(sizing.expectedMs(4, 32), sizing.expectedMs(1, 128));
  assert.equal(tokenSizing({ runTimeoutMs: 1e9 }).overdueAfterMs(1, 10_240), 100 * sizing.expectedMs(1, 10_240));
  for (let run = 0; run < 100; run++) sizing.finished(4, 60, 128);
  assert.ok(Math.abs(sizing.expectedMs(16, 32) - 60) < 1);
  assert.equal(sizing.policy.maxRows, sizing.policyFor(128).maxRows, 'rows of the usual length');
});

test('a run of twice the tokens is tried now and then, within the limit', () => {
  const sizing = tokenSizing();
  for (let run = 0; run < 64; run++) sizing.finished(1, 20.4, 104);
  assert.equal(sizing.policyFor(100).maxRows, 10);
  sizing.left(8, 64);
  assert.equal(sizing.policyFor(100).maxRows, 10, 'as many tokens as were learned tell nothing new');
  sizing.left(9, 64);
  assert.equal(sizing.policyFor(100).maxRows, 5);
});
