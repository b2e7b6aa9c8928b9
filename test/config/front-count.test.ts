import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frontCount } from '../../src/config/front-count.js';

test('there are as many fronts as were asked for', () => {
  assert.equal(frontCount({ fronts: 3, cores: 1 }), 3);
});

test('`auto` adds fronts where there are cores for them', () => {
  const counts = [1, 2, 4, 8, 16, 64].map((cores) => frontCount({ fronts: 'auto', cores }));
  assert.deepEqual(counts, [1, 1, 1, 2, 4, 4]);
});
