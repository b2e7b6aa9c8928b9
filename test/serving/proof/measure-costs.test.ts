import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostCurve } from '../../../src/scheduling/cost-curve.js';
import { measureCosts } from '../../../src/serving/proof/measure-costs.js';
import { runsOn } from '../../../src/serving/proof/run-inputs.js';
import { sampleRecipes } from '../../../src/serving/proof/sample-inputs.js';
import type { SampleRecipe } from '../../../src/serving/proof/sample-shapes.js';
import { ComputingGroup } from '../computing-group.js';
import { signature, spec } from '../signatures.js';

const model = signature([spec('x', ['n', 2])], [spec('y', ['n', 2])]);
const recipe = sampleRecipes(model)[0] as SampleRecipe;

/** Measures a model whose runs cost so much; with all the time that is wanted. */
async function measure(costMs: (rows: number) => number, maxBatchSize = 1024) {
  const curve = new CostCurve();
  const group = new ComputingGroup(() => [], costMs);
  const batching = { kind: 'dynamic', maxBatchSize } as const;
  const run = runsOn(group, model, 1000);
  await measureCosts(
    { run, signature: model, batching, axes: new Map([['x', 0]]), recipe, length: 1, budgetMs: 1e6 },
    curve,
  );
  const measured = curve.points().map(({ rows }) => rows);
  return { curve, measured, runs: group.sizes.length };
}

test('every size is measured where rows cost something, until larger batches win nothing', async () => {
  const { measured, curve } = await measure((rows) => 10 + 3 * rows);
  assert.deepEqual(measured, [1, 2, 4, 8, 16, 32, 64]);
  assert.ok(curve.bestRows({ maxRows: 1024 }) < 64);
});

test('sizes between are skipped while rows cost next to nothing, but not the largest', async () => {
  const { measured, curve } = await measure((rows) => 0.01 + rows / 1e6);
  assert.deepEqual(measured, [1, 2, 8, 32, 128, 512, 1024]);
  assert.equal(curve.bestRows({ maxRows: 1024 }), 1024);
});

test('a heavy model is measured at few sizes', async () => {
  const { measured } = await measure((rows) => 50 * rows);
  assert.deepEqual(measured, [1, 2, 4]);
});

test('runs that agree are not repeated; one that something else held up is', async () => {
  assert.equal((await measure(() => 1, 1)).runs, 2);
  let run = 0;
  const { curve, runs } = await measure(() => (run++ === 0 ? 9 : 1), 1);
  assert.equal(runs, 3);
  assert.deepEqual(curve.points(), [{ rows: 1, ms: 1 }]);
});

test('a model of a fixed size is measured at it', async () => {
  const curve = new CostCurve();
  const group = new ComputingGroup(
    () => [],
    () => 2,
  );
  const batching = { kind: 'fixed', rows: 8 } as const;
  const run = runsOn(group, model, 1000);
  await measureCosts(
    { run, signature: model, batching, axes: new Map([['x', 0]]), recipe, length: 1, budgetMs: 60 },
    curve,
  );
  assert.deepEqual(curve.points(), [{ rows: 8, ms: 2 }]);
});
