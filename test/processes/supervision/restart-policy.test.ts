import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  countFailures,
  defaultRestartPolicy,
  type Life,
  restartDelayMs,
} from '../../../src/processes/supervision/restart-policy.js';

const policy = { ...defaultRestartPolicy, baseDelayMs: 100, maxDelayMs: 1000, minIntervalMs: 50, healthyAfterMs: 5000 };
const life = (more: Partial<Life>): Life => ({ durationMs: 10, wasProven: false, endedByNeighbour: false, ...more });

describe('failures in a row', () => {
  const worlds: readonly (readonly [string, number, Partial<Life>, number])[] = [
    ['an end without an answer is one more', 3, {}, 4],
    ['an end after an answer is the first', 3, { wasProven: true }, 1],
    ['an end after a long quiet life is the first', 3, { durationMs: 5000 }, 1],
    ['an end that a neighbour brought does not count', 3, { endedByNeighbour: true }, 3],
  ];
  for (const [words, before, end, after] of worlds) {
    test(words, () => assert.equal(countFailures(policy, before, life(end)), after));
  }
});

describe('the wait before a restart', () => {
  const worlds: readonly (readonly [string, number, number, number, number])[] = [
    ['is none after the first failure', 1, 1000, 0.5, 0],
    ['is the base after the second', 2, 1000, 0.5, 100],
    ['doubles with each further one', 4, 1000, 0.5, 400],
    ['has a limit', 40, 1000, 0.5, 1000],
    ['differs between instances by a quarter either way', 2, 1000, 0, 75],
    ['keeps starts apart even when the process had been well', 1, 20, 0.5, 30],
  ];
  for (const [words, failures, lifeMs, draw, expected] of worlds) {
    test(words, () => assert.equal(restartDelayMs(policy, failures, lifeMs, draw), expected));
  }
});
