import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchPolicy, decideBatch, paddedRows, type QueueState } from '../../src/scheduling/batch-policy.js';

const policy: BatchPolicy = { maxRows: 8, maxDelayMs: 0, preferredSizes: [], allowedSizes: [] };
const queue: QueueState = { rows: 3, oldestWaitMs: 0, slackMs: Number.POSITIVE_INFINITY, fairShareRows: 3 };

const worlds: [string, Partial<BatchPolicy>, Partial<QueueState>, unknown][] = [
  ['without delay whatever waits leaves', {}, {}, { leave: true, maxRows: 3, reason: 'idle' }],
  ['a full batch leaves as full', {}, { rows: 8 }, { leave: true, maxRows: 8, reason: 'full' }],
  ['idle instances get their share', {}, { rows: 6, fairShareRows: 3 }, { leave: true, maxRows: 3, reason: 'idle' }],
  ['a delay holds a small batch', { maxDelayMs: 5 }, { oldestWaitMs: 2 }, { leave: false, lookAgainInMs: 3 }],
  ['the delay over, it leaves', { maxDelayMs: 5 }, { oldestWaitMs: 5 }, { leave: true, maxRows: 8, reason: 'delay' }],
  ['a deadline cuts the delay short', { maxDelayMs: 5 }, { slackMs: 1 }, { leave: false, lookAgainInMs: 1 }],
  ['no slack left, it leaves', { maxDelayMs: 5 }, { slackMs: -1 }, { leave: true, maxRows: 8, reason: 'deadline' }],
  [
    'a preferred size ends the delay',
    { maxDelayMs: 5, preferredSizes: [2, 4] },
    {},
    { leave: true, maxRows: 2, reason: 'full' },
  ],
  ['the largest allowed size is the limit', { allowedSizes: [1, 2] }, {}, { leave: true, maxRows: 2, reason: 'full' }],
];

for (const [name, policyChange, queueChange, expected] of worlds) {
  test(name, () =>
    assert.deepEqual(decideBatch({ ...policy, ...policyChange }, { ...queue, ...queueChange }), expected),
  );
}

test('padding goes up to the next allowed size', () => {
  assert.equal(paddedRows(3, [2, 4, 8]), 4);
  assert.equal(paddedRows(3, []), 3);
  assert.equal(paddedRows(9, [2, 4, 8]), 9);
});
