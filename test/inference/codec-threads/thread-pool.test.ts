import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ThreadTask } from '../../../src/inference/codec-threads/thread-messages.js';
import { ThreadPool, type ThreadPoolOptions } from '../../../src/inference/codec-threads/thread-pool.js';

const refused = { kind: 'rejected', code: 'INVALID_ARGUMENT', message: 'no' };
const noOne = { signal: new AbortController().signal, deadlineMs: undefined };

function startPool(context: TestContext, options: Partial<ThreadPoolOptions> = {}): ThreadPool {
  const program = new URL('./puppet-thread.js', import.meta.url);
  const usual = { maxThreads: 1, maxWaitingBytes: 100, idleTimeoutMs: 60_000, maxHeapMebibytes: 16 };
  const pool = new ThreadPool({ program, data: undefined, ...usual, ...options });
  context.after(() => pool.close());
  return pool;
}

const read = (codec: string, size = 10): [ThreadTask, ArrayBuffer[]] => {
  const memory = new ArrayBuffer(size);
  const model = { signature: { inputs: [], outputs: [] }, batching: { kind: 'none', reason: '' } } as const;
  return [{ kind: 'read', codec, memory, bodyOffset: 0, bodyBytes: size, about: {}, model }, [memory]];
};

test('no thread runs before there is something to do', async (context) => {
  const pool = startPool(context);
  assert.equal(pool.size, 0);
  assert.deepEqual(await pool.run(...read('refuse'), noOne), refused);
  assert.equal(pool.size, 1);
});

for (const [fate, message] of [
  ['throw', /a crash/],
  ['exit', /ended in the middle of a task/],
] as const) {
  test(`a thread that ends (${fate}) takes one task along; the next has a new thread`, async (context) => {
    const pool = startPool(context);
    const lost = pool.run(...read(fate), noOne);
    const next = pool.run(...read('refuse'), noOne);
    await assert.rejects(lost, message);
    assert.deepEqual(await next, refused);
  });
}

test('a task that needs more memory than a thread may have is refused alone', async (context) => {
  const pool = startPool(context);
  await assert.rejects(pool.run(...read('hoard'), noOne), { code: 'RESOURCE_EXHAUSTED', message: /more than 16 MiB/ });
  assert.deepEqual(await pool.run(...read('refuse'), noOne), refused);
});

test('bodies wait as long as they hold no more than they may together', async (context) => {
  const pool = startPool(context);
  const first = pool.run(...read('hang'), noOne);
  const second = pool.run(...read('refuse', 60), noOne);
  await assert.rejects(pool.run(...read('refuse', 50), noOne), { code: 'UNAVAILABLE', message: /60 bytes wait/ });
  const stopping = { code: 'UNAVAILABLE', message: /stopping/ };
  await Promise.all([assert.rejects(first), assert.rejects(second, stopping), pool.close()]);
});

test('a caller who leaves frees the place of what waited', async (context) => {
  const pool = startPool(context);
  const first = pool.run(...read('hang'), noOne);
  const caller = new AbortController();
  const left = pool.run(...read('refuse', 100), { ...noOne, signal: caller.signal });
  caller.abort();
  await assert.rejects(left, { code: 'CANCELED' });
  const stays = pool.run(...read('refuse', 100), noOne);
  const stopping = { code: 'UNAVAILABLE', message: /stopping/ };
  await Promise.all([assert.rejects(first), assert.rejects(stays, stopping), pool.close()]);
});

test('a caller who leaves does not wait for its task to end', async (context) => {
  const pool = startPool(context);
  const caller = new AbortController();
  const outcome = pool.run(...read('hang'), { ...noOne, signal: caller.signal });
  caller.abort();
  await assert.rejects(outcome, { code: 'CANCELED' });
});

test('nothing is waited for beyond its deadline', async (context) => {
  const pool = startPool(context);
  const interest = { ...noOne, deadlineMs: performance.now() + 1 };
  await assert.rejects(pool.run(...read('hang'), interest), { code: 'DEADLINE_EXCEEDED' });
});

test('two tasks run side by side where two threads may', async (context) => {
  const pool = startPool(context, { maxThreads: 2 });
  const first = pool.run(...read('hang'), noOne);
  assert.deepEqual(await pool.run(...read('refuse'), noOne), refused);
  assert.equal(pool.size, 2);
  await Promise.all([assert.rejects(first), pool.close()]);
});

test('a thread without a task ends after a while, and a new one takes its place', async (context) => {
  const pool = startPool(context, { idleTimeoutMs: 1 });
  await pool.run(...read('refuse'), noOne);
  while (pool.size > 0) await turn();
  assert.deepEqual(await pool.run(...read('refuse'), noOne), refused);
});
