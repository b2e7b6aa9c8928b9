import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostCurve } from '../../src/scheduling/cost-curve.js';

const curveOf = (points: Record<number, number>): CostCurve => {
  const curve = new CostCurve();
  for (const [rows, ms] of Object.entries(points)) curve.observe(Number(rows), ms);
  return curve;
};

test('nothing learned, nothing predicted, and the limit is the best guess', () => {
  assert.equal(new CostCurve().predictMs(4), undefined);
  assert.equal(new CostCurve().bestRows({ maxRows: 32 }), 32);
});

test('predicts linearly between points and in proportion beyond them', () => {
  const curve = curveOf({ 1: 10, 4: 16 });
  assert.equal(curve.predictMs(1), 10);
  assert.equal(curve.predictMs(2), 12);
  assert.equal(curve.predictMs(8), 32);
});

test('a heavy network gains nothing from batches: one row is best', () => {
  assert.equal(curveOf({ 1: 60, 2: 118 }).bestRows({ maxRows: 1024 }), 1);
});

test('a model whose throughput stops growing at 8 is batched to 8', () => {
  assert.equal(curveOf({ 1: 1, 2: 1.1, 4: 1.3, 8: 1.8, 16: 3.5 }).bestRows({ maxRows: 1024 }), 8);
});

test('while throughput still grows at the largest size seen, the next one is allowed', () => {
  assert.equal(curveOf({ 1: 1, 2: 1, 4: 1 }).bestRows({ maxRows: 1024 }), 8);
  assert.equal(curveOf({ 1: 1, 2: 1, 4: 1 }).bestRows({ maxRows: 5 }), 5);
});

test('a latency target keeps batches small', () => {
  assert.equal(curveOf({ 1: 1, 2: 1.5, 4: 2.5, 8: 4, 16: 7 }).bestRows({ maxRows: 1024, latencyTargetMs: 5 }), 8);
  assert.equal(curveOf({ 1: 10, 2: 12 }).bestRows({ maxRows: 1024, latencyTargetMs: 5 }), 1);
});

test('follows a machine that became slower', () => {
  const curve = curveOf({ 1: 1 });
  for (let run = 0; run < 100; run++) curve.observe(1, 3);
  assert.ok(Math.abs((curve.predictMs(1) ?? 0) - 3) < 0.01);
});

test('sizes are counted by powers of two: what was seen of one is averaged with its like', () => {
  const curve = new CostCurve();
  for (const [rows, ms] of [
    [3, 10],
    [4, 20],
    [5, 40],
  ] as const)
    curve.observe(rows, ms);
  assert.deepEqual(curve.points(), [
    { rows: 3.5, ms: 15 },
    { rows: 5, ms: 40 },
  ]);
  assert.equal(curve.predictMs(1), 15, 'below the smallest size seen it is as that');
});

test('the first few observations count alike, and later ones a tenth', () => {
  const curve = new CostCurve();
  for (const ms of [2, 4, 6]) curve.observe(1, ms);
  assert.equal(curve.predictMs(1), 4);
  for (let run = 0; run < 20; run++) curve.observe(1, 4);
  curve.observe(1, 14);
  assert.equal(curve.predictMs(1), 5);
});

test('a batch takes the smallest size that reaches nine tenths of the best throughput', () => {
  // 1000, 1818 and 2000 rows a second.
  assert.equal(curveOf({ 1: 1, 2: 1.1, 4: 2, 8: 4.1, 16: 9 }).bestRows({ maxRows: 64 }), 2);
  assert.equal(curveOf({ 1: 1, 2: 1.2, 4: 2, 8: 4.1, 16: 9 }).bestRows({ maxRows: 64 }), 4);
  assert.equal(curveOf({ 9: 1, 20: 2, 40: 4.5 }).bestRows({ maxRows: 64 }), 16, 'nine tenths are enough');
});

test('sizes beyond the limit are not looked at', () => {
  assert.equal(curveOf({ 1: 1, 2: 1.5, 4: 1.8, 8: 2 }).bestRows({ maxRows: 4 }), 4);
  assert.equal(curveOf({ 4: 1 }).bestRows({ maxRows: 2 }), 1, 'nothing is known of those within it');
  assert.equal(curveOf({ 1: 1, 3: 1.5 }).bestRows({ maxRows: 3 }), 3);
});

test('where the latency target is the limit, a larger size is allowed as far as it is expected to keep it', () => {
  assert.equal(curveOf({ 1: 1, 2: 1, 4: 1 }).bestRows({ maxRows: 64, latencyTargetMs: 1.5 }), 6);
  assert.equal(curveOf({ 1: 1, 2: 1, 4: 1 }).bestRows({ maxRows: 64, latencyTargetMs: 1 }), 4);
  assert.equal(curveOf({ 1: 4, 2: 4, 4: 4 }).bestRows({ maxRows: 64, latencyTargetMs: 5 }), 5);
  assert.equal(
    curveOf({ 1: 1, 2: 1, 4: 1, 8: 9 }).bestRows({ maxRows: 64, latencyTargetMs: 8 }),
    4,
    'it was seen not to',
  );
});
