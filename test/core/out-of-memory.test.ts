import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outOfMemory } from '../../src/core/out-of-memory.js';

/** What the platform itself throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('what is too large for one string or array is told to send less', () => {
  const error = thrownBy(() => 'x'.repeat(2 ** 29).repeat(2));
  assert.equal(outOfMemory(error)?.code, 'RESOURCE_EXHAUSTED');
  assert.match(outOfMemory(structuredClone(error))?.message ?? '', /send fewer rows/);
});

test('memory that cannot be had is a server that is busy', () => {
  const error = thrownBy(() => new ArrayBuffer(2 ** 52));
  assert.equal(outOfMemory(error)?.code, 'UNAVAILABLE');
});

test('any other failure is not taken for that', () => {
  assert.equal(outOfMemory(new RangeError('Invalid time value')), undefined);
  assert.equal(outOfMemory('out of memory'), undefined);
});
