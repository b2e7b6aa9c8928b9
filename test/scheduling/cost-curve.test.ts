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
