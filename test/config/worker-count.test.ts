import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workerCount } from '../../src/config/config.js';

test('there are as many workers as were asked for', () => {
  assert.equal(workerCount({ workers: 3, cores: 1 }), 3);
});

test('`auto` adds workers where there are cores for them', () => {
  const counts = [1, 2, 4, 8, 16, 64].map((cores) => workerCount({ workers: 'auto', cores }));
  assert.deepEqual(counts, [1, 1, 1, 2, 4, 4]);
});
