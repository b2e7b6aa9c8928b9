import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { whileWanted } from '../../../src/inference/codec-threads/while-wanted.js';
import { CancelSignal } from '../../../src/inference/inference-call.js';

/** An outcome that the test brings about, and what became of it. */
function world(context: TestContext, msUntilDeadline?: number) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const signal = new CancelSignal();
  let removed = 0;
  const remove = signal.removeEventListener.bind(signal);
  signal.removeEventListener = (type, listener) => {
    removed++;
    remove(type, listener);
  };
  let resolve: (value: string) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const outcome = new Promise<string>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  const told: string[] = [];
  const start = (): void => {
    const deadlineMs = msUntilDeadline === undefined ? undefined : performance.now() + msUntilDeadline;
    whileWanted(outcome, { signal, deadlineMs }, () => void told.push('unwanted')).then(
      (value) => void told.push(value),
      (error) => void told.push(error.code ?? error.message),
    );
  };
  const settle = (): Promise<void> => new Promise((turn) => setImmediate(turn));
  return { signal, resolve, reject, told, start, settle, removals: () => removed };
}

test('what comes while it is wanted is given on, and nobody listens any more', async (context) => {
  const { start, resolve, told, settle, signal, removals } = world(context, 1000);
  start();
  resolve('done');
  await settle();
  assert.equal(removals(), 1);
  signal.abort();
  context.mock.timers.tick(10_000);
  await settle();
  assert.deepEqual(told, ['done']);
});

test('what fails while it is wanted fails as it does', async (context) => {
  const { start, reject, told, settle } = world(context);
  start();
  reject(new Error('broken'));
  await settle();
  assert.deepEqual(told, ['broken']);
});

for (const when of ['before', 'after'] as const) {
  test(`a caller who goes away ${when} it has begun calls it off`, async (context) => {
    const { start, resolve, told, settle, signal } = world(context);
    if (when === 'before') signal.abort();
    start();
    if (when === 'after') signal.abort();
    await settle();
    assert.deepEqual(told, ['unwanted', 'CANCELED']);
    resolve('late');
    await settle();
    assert.deepEqual(told, ['unwanted', 'CANCELED']);
  });
}

test('the deadline calls it off, and one that has passed at once', async (context) => {
  const later = world(context, 1000);
  later.start();
  context.mock.timers.tick(900);
  await later.settle();
  assert.deepEqual(later.told, []);
  context.mock.timers.tick(100);
  await later.settle();
  assert.deepEqual(later.told, ['unwanted', 'DEADLINE_EXCEEDED']);
  context.mock.timers.reset();
  const passed = world(context, -5);
  passed.start();
  context.mock.timers.tick(1);
  await passed.settle();
  assert.deepEqual(passed.told, ['unwanted', 'DEADLINE_EXCEEDED']);
});

test('a deadline that is further away than a timer reaches never comes', async (context) => {
  const { start, told, settle } = world(context, 2 ** 32);
  start();
  context.mock.timers.tick(2 ** 31);
  await settle();
  assert.deepEqual(told, []);
});
