import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterExit } from '../../src/workers/after-exit.js';

const running = { isStopping: false, hasServed: true };

test('a worker that ends while the server serves is replaced at once', () => {
  assert.deepEqual(afterExit({ ...running, shortLives: 1 }), { kind: 'restart', delayMs: 0 });
});

test('one that ends again and again is waited with, ever longer and never for more than ten seconds', () => {
  const delays = [2, 3, 4, 5, 6, 7, 8, 9, 100].map((shortLives) => afterExit({ ...running, shortLives }));
  assert.deepEqual(
    delays,
    [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000].map((delayMs) => ({ kind: 'restart', delayMs })),
  );
});

test('nothing is started again while the server stops', () => {
  assert.deepEqual(afterExit({ ...running, isStopping: true, shortLives: 1 }), { kind: 'none' });
});

test('a server whose workers end before it ever served is given up', () => {
  assert.deepEqual(afterExit({ isStopping: false, hasServed: false, shortLives: 1 }), { kind: 'give-up' });
});
