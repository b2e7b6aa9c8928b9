import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldResponses } from '../../src/inference/held-responses.js';

const limits = { largestBytes: 100, mostBytes: 1000 };

test('an answer counts four times its tensors until it is written, then as it is sent, until it is taken', () => {
  const held = new HeldResponses(limits);
  const [one, two] = [held.hold(100), held.hold(50)];
  assert.equal(held.bytes, 600);
  one.resize(70);
  assert.equal(held.bytes, 270);
  two.release();
  assert.equal(held.bytes, 70);
  one.release();
  assert.equal(held.bytes, 0);
});

test('an answer that was taken counts no more, whatever is told of it afterwards', () => {
  const held = new HeldResponses(limits);
  const one = held.hold(10);
  one.release();
  one.release();
  one.resize(500);
  assert.equal(held.bytes, 0);
});

test('one answer may be as large as it may be, and no larger', () => {
  const held = new HeldResponses(limits);
  assert.throws(() => held.hold(101), { code: 'RESOURCE_EXHAUSTED', message: /its tensors are 101 bytes.* 100 bytes/ });
  held.hold(100);
  assert.equal(held.bytes, 400);
});

test('all answers together may hold so much, and one alone is always let through', () => {
  const held = new HeldResponses({ largestBytes: 1000, mostBytes: 1000 });
  const alone = held.hold(1000);
  assert.throws(() => held.hold(0), {
    code: 'UNAVAILABLE',
    message: /hold 4000 bytes, and 1000 may be held/,
  });
  alone.resize(960);
  held.hold(10);
  assert.equal(held.bytes, 1000);
  assert.throws(() => held.hold(1), { code: 'UNAVAILABLE' });
});
