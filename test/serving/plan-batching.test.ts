import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelConfig } from '../../src/core/model-config.js';
import { plannedBatching } from '../../src/serving/plan-batching.js';
import { classifier, config, signature, spec } from './signatures.js';

const plan = (model = classifier, change: Partial<ModelConfig> = {}) =>
  plannedBatching(model, { ...config, ...change });

test('a free first axis in all inputs and outputs can be batched', () => {
  assert.deepEqual(plan(), { kind: 'dynamic', maxBatchSize: 1024 });
  assert.deepEqual(plan(classifier, { maxBatchSize: 16 }), { kind: 'dynamic', maxBatchSize: 16 });
  assert.deepEqual(plan(classifier, { allowedBatchSizes: [4, 8] }), { kind: 'dynamic', maxBatchSize: 8 });
});

test('an unknown rank can be batched', () => {
  assert.equal(plan(signature([spec('x', null)], [spec('y', null)])).kind, 'dynamic');
});

test('a first axis of one fixed size throughout is a fixed batch', () => {
  assert.deepEqual(plan(signature([spec('x', [8, 4])], [spec('y', [8])])), { kind: 'fixed', rows: 8 });
  assert.deepEqual(plan(signature([spec('x', [1, 4])], [spec('y', [1, 3])])), { kind: 'fixed', rows: 1 });
});

test('what outputs declare is left to the trial', () => {
  assert.deepEqual(plan(signature([spec('x', [1, 4])], [spec('y', [null, 3])])), { kind: 'fixed', rows: 1 });
  assert.equal(plan(signature([spec('x', ['n', 4])], [spec('label', [1], 'INT64')])).kind, 'dynamic');
});

test('scalars, differing sizes and models without inputs are not batched, with the reason', () => {
  const reasons = [
    signature([spec('x', ['n', 4]), spec('k', [], 'INT64')], [spec('y', ['n'])]),
    signature([spec('x', ['n', 4]), spec('table', [7, 4])], [spec('y', ['n'])]),
    signature([spec('x', [2, 4]), spec('z', [3, 4])], [spec('y', [2])]),
    signature([], [spec('y', [8])]),
  ].map((model) => {
    const batching = plan(model);
    assert.equal(batching.kind, 'none');
    return batching.kind === 'none' ? batching.reason : '';
  });
  assert.match(reasons[0] ?? '', /"k" is a scalar/);
  assert.equal(reasons[1], 'the first axis of input "table" is 7, that of "x" is free');
  assert.equal(reasons[2], 'the first axis of input "x" is 2, that of "z" is 3');
});

test('an input with a default of its own does not stand in the way', () => {
  const model = signature([spec('x', ['n', 4]), spec('threshold', [], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.equal(plan(model).kind, 'dynamic');
});

test('model.json has the last word', () => {
  assert.equal(plan(classifier, { batching: 'off' }).kind, 'none');
  assert.equal(plan(signature([spec('x', [])], [spec('y', [])]), { batching: 'on' }).kind, 'dynamic');
});
