import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaks, wear } from './wear.js';

test('swaps, failed loads, unloading and killed processes leave nothing behind in any process', async (context) => {
  const rounds = 3;
  const found = await wear({ firstRounds: 2, rounds });
  context.diagnostic(JSON.stringify(found));
  assert.deepEqual(leaks(found, rounds), []);
});
