import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelSignal } from '../../src/inference/inference-call.js';

/** A signal, and who heard of it. */
function signalled() {
  const heard: string[] = [];
  const signal = new CancelSignal();
  const listener = (name: string) => () => void heard.push(name);
  return { heard, signal, listener };
}

test('all who listen hear of the end once, functions and objects alike', () => {
  const { heard, signal, listener } = signalled();
  assert.equal(signal.aborted, false);
  signal.addEventListener('abort', listener('a'));
  signal.addEventListener('abort', { handleEvent: listener('b') });
  signal.abort();
  assert.deepEqual([signal.aborted, heard], [true, ['a', 'b']]);
  signal.abort();
  assert.deepEqual(heard, ['a', 'b']);
});

for (const removed of ['a', 'b', 'c'] as const) {
  test(`who no longer listens hears nothing, and the others do (${removed} of three)`, () => {
    const { heard, signal, listener } = signalled();
    const listeners = { a: listener('a'), b: listener('b'), c: listener('c') };
    for (const one of Object.values(listeners)) signal.addEventListener('abort', one);
    signal.removeEventListener('abort', listeners[removed]);
    signal.abort();
    assert.deepEqual(
      heard.sort(),
      ['a', 'b', 'c'].filter((name) => name !== removed),
    );
  });
}

test('to take away who never listened takes nobody away', () => {
  const { heard, signal, listener } = signalled();
  signal.removeEventListener('abort', listener('x'));
  signal.addEventListener('abort', listener('a'));
  signal.addEventListener('abort', listener('b'));
  signal.removeEventListener('abort', listener('x'));
  signal.abort();
  assert.deepEqual(heard, ['a', 'b']);
});
