import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastWords } from '../../src/processes/process-exit.js';

test('the last telling lines are kept, without colours and stack traces', () => {
  const tail = new LastWords();
  tail.push('\u001b[1;31m2026-01-01 [E:onnxruntime] something\u001b[m\n\nterminate called after');
  tail.push(" throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n");
  tail.push(' 1: 0xb8ce93 node::Abort() [node]\n----- Native stack trace -----\n\n');
  assert.equal(
    tail.summary(),
    "terminate called after throwing an instance of 'std::bad_alloc'; what():  std::bad_alloc",
  );
  assert.equal(tail.summary(1), 'what():  std::bad_alloc');
});

test('a flood of text is bounded', () => {
  const tail = new LastWords();
  for (let line = 0; line < 10_000; line++) tail.push(`line ${line}\n`);
  assert.equal(tail.summary(1), 'line 9999');
  assert.equal(new LastWords().summary(), '');
  assert.ok(tail.summary(10_000).length <= 10_000);
});
