import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelStatus, ServableStatistics } from '../../src/core/inference-service.js';
import type { ModelVersionState } from '../../src/core/model.js';
import { mergeStatistics } from '../../src/workers/merge-statistics.js';
import { mergeModels, mergeStatuses, unseenModel } from '../../src/workers/merge-statuses.js';

const total = (count: number, totalMs: number) => ({ count, totalMs });

const statistics = (version: number, count: number): ServableStatistics => ({
  id: { name: 'iris', version },
  lastInferenceAt: 1000 + count,
  rowCount: 2 * count,
  batchCount: count,
  success: total(count, count / 2),
  failure: total(1, 1),
  queue: total(count, 0.25),
  transfer: total(count, 0.25),
  compute: total(count, 0.25),
  batchSizes: [{ rows: count, compute: total(1, 1) }],
});

test('statistics of a version add up over the workers, by batch size too', () => {
  const [merged, other] = mergeStatistics([[statistics(1, 4), statistics(2, 1)], [statistics(1, 8)], []]);
  assert.deepEqual(merged, {
    id: { name: 'iris', version: 1 },
    lastInferenceAt: 1008,
    rowCount: 24,
    batchCount: 12,
    success: total(12, 6),
    failure: total(2, 2),
    queue: total(12, 0.5),
    transfer: total(12, 0.5),
    compute: total(12, 0.5),
    batchSizes: [
      { rows: 4, compute: total(1, 1) },
      { rows: 8, compute: total(1, 1) },
    ],
  });
  assert.deepEqual(other, statistics(2, 1));
});

const model = (...states: ModelVersionState[]): ModelStatus => ({
  name: 'iris',
  versions: states.map((state, index) => ({ name: 'iris', version: index + 1, state, labels: [] })).reverse(),
});

const statesOf = ({ versions }: ModelStatus) => versions.map(({ version, state }) => `${version} ${state}`);

test('a version is available when every worker serves it, and else what is missing to that', () => {
  const cases: [ModelVersionState, ModelVersionState, ModelVersionState][] = [
    ['AVAILABLE', 'AVAILABLE', 'AVAILABLE'],
    ['AVAILABLE', 'LOADING', 'LOADING'],
    ['AVAILABLE', 'START', 'START'],
    ['AVAILABLE', 'END', 'END'],
    ['AVAILABLE', 'UNLOADING', 'UNLOADING'],
    ['LOADING', 'END', 'LOADING'],
  ];
  for (const [one, other, merged] of cases) {
    assert.deepEqual(statesOf(mergeStatuses([model(one), model(other)])), [`1 ${merged}`]);
    assert.deepEqual(statesOf(mergeStatuses([model(other), model(one)])), [`1 ${merged}`]);
  }
});

test('what one worker has not found yet is about to start', () => {
  assert.deepEqual(statesOf(mergeStatuses([model('AVAILABLE', 'AVAILABLE'), model('AVAILABLE')])), [
    '2 START',
    '1 AVAILABLE',
  ]);
  assert.deepEqual(statesOf(mergeStatuses([model('AVAILABLE'), unseenModel('iris')])), ['1 START']);
});

test('the reason that one worker has is the reason of all', () => {
  const failed: ModelStatus = {
    name: 'iris',
    versions: [{ name: 'iris', version: 1, state: 'END', labels: ['stable'], reason: 'it is broken' }],
    problem: 'model.json: …',
  };
  assert.deepEqual(mergeStatuses([model('AVAILABLE'), failed]), {
    name: 'iris',
    versions: [{ name: 'iris', version: 1, state: 'END', labels: ['stable'], reason: 'it is broken' }],
    problem: 'model.json: …',
  });
});

test('every model that some worker knows is listed once, by name', () => {
  const other: ModelStatus = { name: 'digits', versions: [] };
  assert.deepEqual(
    mergeModels([[model('AVAILABLE')], [other, model('AVAILABLE')]]).map(({ name }) => name),
    ['digits', 'iris'],
  );
});
