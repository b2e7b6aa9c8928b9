import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchPolicy, decideBatch, paddedRows, type QueueState } from '../../src/scheduling/batch-policy.js';

const policy: BatchPolicy = { maxRows: 8, maxDelayMs: 0, preferredSizes: [], allowedSizes: [] };
const queue: QueueState = {
  rows: 3,
  oldestWaitMs: 0,
  slackMs: Number.POSITIVE_INFINITY,
  idleInstances: 1,
  expectedMs: 1,
};

const worlds: [string, Partial<BatchPolicy>, Partial<QueueState>, unknown][] = [
  ['without delay whatever waits leaves', {}, {}, { leave: true, maxRows: 3, reason: 'idle' }],
  ['a full batch leaves as full', {}, { rows: 8 }, { leave: true, maxRows: 8, reason: 'full' }],
  ['idle instances get their share', {}, { rows: 7, idleInstances: 2 }, { leave: true, maxRows: 4, reason: 'idle' }],
  [
    'where the round trip would take as long as the run they do not',
    {},
    { rows: 7, idleInstances: 2, expectedMs: 0.99 },
    { leave: true, maxRows: 7, reason: 'idle' },
  ],
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
  [
    'a preferred size that is just reached does, too',
    { maxDelayMs: 5, preferredSizes: [3] },
    {},
    { leave: true, maxRows: 3, reason: 'full' },
  ],
  ['one that is not reached does not', { maxDelayMs: 5, preferredSizes: [4] }, {}, { leave: false, lookAgainInMs: 5 }],
  ['no slack at all is none left', { maxDelayMs: 5 }, { slackMs: 0 }, { leave: true, maxRows: 8, reason: 'deadline' }],
  ['a share is at least a row', {}, { rows: 0 }, { leave: true, maxRows: 1, reason: 'idle' }],
  ['where none is idle all of it leaves', {}, { idleInstances: 0 }, { leave: true, maxRows: 3, reason: 'idle' }],
  [
    'the largest allowed size is the limit',
    { allowedSizes: [1, 2, 3] },
    { rows: 4 },
    { leave: true, maxRows: 3, reason: 'full' },
  ],
  [
    'unless the policy takes fewer rows',
    { maxRows: 2, allowedSizes: [1, 16] },
    {},
    { leave: true, maxRows: 2, reason: 'full' },
  ],
];

for (const [name, policyChange, queueChange, expected] of worlds) {
  test(name, () =>
    assert.deepEqual(decideBatch({ ...policy, ...policyChange }, { ...queue, ...queueChange }), expected),
  );
}

test('padding goes up to the next allowed size', () => {
  assert.equal(paddedRows(3, [2, 4, 8]), 4);
  assert.equal(paddedRows(4, [2, 4, 8]), 4);
  assert.equal(paddedRows(3, []), 3);
  assert.equal(paddedRows(9, [2, 4, 8]), 9);
});
