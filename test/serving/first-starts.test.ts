import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstStarts } from '../../src/serving/first-starts.js';

/** Whether it is reached by now. */
const isReached = ({ reached }: FirstStarts): Promise<boolean> =>
  Promise.race([reached.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

test('is reached with as many starts as were asked for', async () => {
  const starts = new FirstStarts(2);
  starts.engineStarted();
  assert.equal(await isReached(starts), false);
  starts.engineStarted();
  starts.engineStarted();
  assert.equal(await isReached(starts), true);
});

test('nothing to wait for is reached at once', async () => {
  assert.equal(await isReached(new FirstStarts(0)), true);
});
