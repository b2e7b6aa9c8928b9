import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionLimit, openFilesLimit } from '../../src/config/connection-limit.js';

test('some descriptors are kept for engines and files, half of them where there are few', () => {
  const limits = [64, 256, 1024, 4096, 1_048_576].map((openFiles) => connectionLimit(openFiles));
  assert.deepEqual(limits, [32, 160, 768, 3072, 1_047_552]);
  assert.equal(connectionLimit(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  assert.equal(connectionLimit(1), 1);
});

test('the soft limit counts; none is no limit', () => {
  const text = 'Limit Soft Hard Units\nMax open files            1024                 524288               files\n';
  assert.equal(openFilesLimit(text), 1024);
  assert.equal(openFilesLimit(text.replace('1024', 'unlimited')), Number.POSITIVE_INFINITY);
  assert.equal(openFilesLimit(''), Number.POSITIVE_INFINITY);
});
