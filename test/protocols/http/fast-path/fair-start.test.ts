import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairStart } from '../../../../src/protocols/http/fast-path/fair-start.js';

/** So many ask at once; what comes back tells how many of them have begun so far, and in which order. */
function crowd(starts: FairStart, size: number): number[] {
  const begun: number[] = [];
  for (let index = 0; index < size; index++) {
    if (starts.admits({ start: () => void begun.push(index) })) begun.push(index);
  }
  return begun;
}

const inOrder = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

test('few begin at once or in the next turn', async () => {
  const starts = new FairStart();
  assert.deepEqual(crowd(starts, 100), inOrder(100));
  for (let times = 0; times < 10; times++) {
    const begun = crowd(starts, 100);
    await nextTurn();
    assert.deepEqual(begun, inOrder(100));
  }
});

test('of many, a turn takes 256, in order', async () => {
  const starts = new FairStart();
  const begun = crowd(starts, 600);
  assert.equal(begun.length, 256);
  await nextTurn();
  assert.equal(begun.length, 512);
  await nextTurn();
  assert.deepEqual(begun, inOrder(600));
});

test('who comes later does not begin before those who wait', async () => {
  const starts = new FairStart();
  const first = crowd(starts, 520);
  await nextTurn();
  assert.equal(first.length, 512);
  const second = crowd(starts, 2);
  assert.deepEqual(second, []);
  await nextTurn();
  assert.deepEqual([first.length, second.length], [520, 2]);
});

test('while connections come in, a turn takes four', async () => {
  const starts = new FairStart();
  const begun = crowd(starts, 300);
  const counts: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    starts.hurry();
    await nextTurn();
    counts.push(begun.length);
  }
  await nextTurn();
  assert.deepEqual([...counts, begun.length], [260, 264, 268, 300]);
});

test('a connection that comes in the middle of a turn shortens what is left of it', () => {
  const starts = new FairStart();
  crowd(starts, 10);
  starts.hurry();
  assert.equal(crowd(starts, 10).length, 4);
});
