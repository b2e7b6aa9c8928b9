import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelConfig } from '../../../src/core/model-config.js';
import { largestAllowed, largestBatch, plannedBatching } from '../../../src/serving/proof/plan-batching.js';
import { classifier, config, signature, spec } from '../signatures.js';

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

test('a fixed size beyond what callers fill together is no batch, unless the operator says so', () => {
  const model = (rows: number) => signature([spec('x', [rows, 1])], [spec('y', [rows])]);
  assert.equal(plan(model(65_536)).kind, 'fixed');
  const { kind, ...rest } = plan(model(1_000_000_000));
  assert.equal(kind, 'none');
  assert.match('reason' in rest ? rest.reason : '', /is 1000000000: too many rows to be filled up/);
});

test('what outputs declare is left to the trial', () => {
  assert.deepEqual(plan(signature([spec('x', [1, 4])], [spec('y', [null, 3])])), { kind: 'fixed', rows: 1 });
  assert.equal(plan(signature([spec('x', ['n', 4])], [spec('label', [1], 'INT64')])).kind, 'dynamic');
});

test('differing sizes, scalars alone and models without inputs are not batched, with the reason', () => {
  const reasons = [
    signature([spec('k', [], 'INT64')], [spec('y', [])]),
    signature([spec('x', [2, 4]), spec('z', [3, 4])], [spec('y', [2])]),
    signature([], [spec('y', [8])]),
  ].map((model) => {
    const batching = plan(model);
    assert.equal(batching.kind, 'none');
    assert.equal(batching.axes, undefined);
    return batching.kind === 'none' ? batching.reason : '';
  });
  assert.match(reasons[0] ?? '', /"k" is a scalar/);
  assert.equal(reasons[1], 'the first axis of input "x" is 2, that of "z" is 3');
  assert.match(reasons[2] ?? '', /no input/);
});

test('inputs without a free axis are shared by all rows', () => {
  const { axes } = plan(
    signature([spec('x', ['n', 4]), spec('k', [], 'INT64'), spec('table', [7, 4])], [spec('y', ['n'])]),
  );
  assert.deepEqual([...(axes?.inputs ?? [])], [['x', 0]]);
  assert.deepEqual([...(axes?.outputs ?? [])], [['y', 0]]);
});

test('rows lie along the axis that is named for them, wherever it is', () => {
  const { axes } = plan(
    signature(
      [spec('x', ['batch', 'time', 8]), spec('h', [2, 'batch', 16])],
      [spec('y', ['batch', 'time', 16]), spec('hn', [2, 'batch', 16])],
    ),
  );
  assert.deepEqual(Object.fromEntries(axes?.inputs ?? []), { x: 0, h: 1 });
  assert.deepEqual(Object.fromEntries(axes?.outputs ?? []), { y: 0, hn: 1 });
});

test('an input with a default of its own does not stand in the way', () => {
  const model = signature([spec('x', ['n', 4]), spec('threshold', [], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.equal(plan(model).kind, 'dynamic');
});

test('model.json has the last word', () => {
  const off = plan(classifier, { batching: 'off' });
  assert.equal(off.kind, 'none');
  assert.deepEqual([...(off.axes?.inputs ?? [])], [['x', 0]], 'rows are known, though they share no run');
  assert.equal(plan(signature([spec('x', [])], [spec('y', [])]), { batching: 'on' }).kind, 'dynamic');
});

const reasonOf = (batching: ReturnType<typeof plan>): string =>
  batching.kind === 'none' ? batching.reason : batching.kind;

test('what is not batched is told with its reason, and what the operator sets counts for more', () => {
  assert.equal(reasonOf(plan(signature([], [spec('y', [8])]))), 'it has no input');
  assert.equal(
    reasonOf(plan(signature([spec('k', []), spec('l', [])], [spec('y', [])]))),
    'input "k" is a scalar, without a batch axis',
  );
  const uneven = signature([spec('x', [2, 4]), spec('z', [3, 4]), spec('k', [])], [spec('y', [2])]);
  assert.deepEqual(plan(uneven, { batching: 'on' }), {
    kind: 'fixed',
    rows: 2,
    axes: { inputs: new Map(Object.entries({ x: 0, z: 0 })), outputs: new Map([['y', 0]]) },
  });
  const long = signature([spec('x', [70_000, 1])], [spec('y', [70_000])]);
  assert.deepEqual(plan(long, { batching: 'on' }), { kind: 'fixed', rows: 70_000 });
  assert.equal(reasonOf(plan(signature([spec('x', [0, 4])], [spec('y', [0])]))), 'the first axis of input "x" is 0');
  const one = plan(signature([spec('x', [8, 4]), spec('k', [])], [spec('y', [8])]));
  assert.deepEqual([...(one.axes?.inputs ?? [])], [['x', 0]]);
});

test('a model without a free axis whose batching is turned off has no rows', () => {
  const off = plan(signature([spec('x', [8, 4])], [spec('y', [8])]), { batching: 'off' });
  assert.deepEqual(off, { kind: 'none', reason: 'its settings turn batching off' });
});

test('the smaller of two limits to the rows of a run counts', () => {
  assert.equal(largestAllowed({ ...config, maxBatchSize: 4, allowedBatchSizes: [2, 8] }), 4);
  assert.equal(largestAllowed({ ...config, maxBatchSize: 16, allowedBatchSizes: [2, 4, 8] }), 8);
  assert.equal(largestAllowed({ ...config, allowedBatchSizes: [] }), largestBatch);
});
