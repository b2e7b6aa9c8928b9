import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from '../../../../src/protocols/http/fast-lane/turns.js';

/** So many ask at once; what comes back tells how many of them have begun so far, and in which order. */
function crowd(turns: Turns, size: number): number[] {
  const begun: number[] = [];
  for (let index = 0; index < size; index++) {
    if (turns.admits({ takeTurn: () => void begun.push(index) })) begun.push(index);
  }
  return begun;
}

const inOrder = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

test('few begin at once or in the next turn', async () => {
  const turns = new Turns();
  assert.deepEqual(crowd(turns, 100), inOrder(100));
  for (let times = 0; times < 10; times++) {
    const begun = crowd(turns, 100);
    await nextTurn();
    assert.deepEqual(begun, inOrder(100));
  }
});

test('of many, a turn takes 256, in order', async () => {
  const turns = new Turns();
  const begun = crowd(turns, 600);
  assert.equal(begun.length, 256);
  await nextTurn();
  assert.equal(begun.length, 512);
  await nextTurn();
  assert.deepEqual(begun, inOrder(600));
});

test('who comes later does not begin before those who wait', async () => {
  const turns = new Turns();
  const first = crowd(turns, 520);
  await nextTurn();
  assert.equal(first.length, 512);
  const second = crowd(turns, 2);
  assert.deepEqual(second, []);
  await nextTurn();
  assert.deepEqual([first.length, second.length], [520, 2]);
});

test('while connections come in, a turn takes four', async () => {
  const turns = new Turns();
  const begun = crowd(turns, 300);
  const counts: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    turns.hurry();
    await nextTurn();
    counts.push(begun.length);
  }
  await nextTurn();
  assert.deepEqual([...counts, begun.length], [260, 264, 268, 300]);
});

test('a connection that comes in the middle of a turn shortens what is left of it', () => {
  const turns = new Turns();
  crowd(turns, 10);
  turns.hurry();
  assert.equal(crowd(turns, 10).length, 4);
});
