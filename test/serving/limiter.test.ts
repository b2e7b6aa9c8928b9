import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limiter } from '../../src/serving/limiter.js';
import { settle } from './puppet-world.js';

/** Tasks that end when the test says so. */
function tasks(limiter: Limiter, count: number) {
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const results = Array.from({ length: count }, (_, index) =>
    limiter.run(() => {
      started.push(index);
      return new Promise<void>((resolve) => {
        ends[index] = resolve;
      });
    }),
  );
  return { started, ends, results };
}

test('so many tasks run at a time, in order', async () => {
  const { started, ends, results } = tasks(new Limiter(2), 4);
  await settle();
  assert.deepEqual(started, [0, 1]);
  ends[1]?.();
  await settle();
  assert.deepEqual(started, [0, 1, 2]);
  ends[0]?.();
  ends[2]?.();
  await settle();
  ends[3]?.();
  await Promise.all(results);
});

test('no more are begun than the head start allows, until it may go on', async () => {
  const limiter = new Limiter(2, 3);
  const { started, ends, results } = tasks(limiter, 6);
  await settle();
  for (const end of ends) end();
  await settle();
  ends[2]?.();
  await settle();
  assert.deepEqual(started, [0, 1, 2]);
  limiter.goOn();
  await settle();
  assert.deepEqual(started, [0, 1, 2, 3, 4]);
  for (const end of ends) end?.();
  await settle();
  ends[5]?.();
  await Promise.all(results);
});

test('a task that fails makes room for the next', async () => {
  const limiter = new Limiter(1);
  await assert.rejects(limiter.run(() => Promise.reject(new Error('no'))));
  assert.equal(await limiter.run(async () => 'next'), 'next');
});
