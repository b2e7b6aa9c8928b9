import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/load-config.js';
import { partOf, workerShare } from '../../src/workers/worker-share.js';
import { shippedModels } from '../support/server-process.js';

const config = loadConfig({ env: {}, argv: ['--models', shippedModels], cwd: '/', availableCores: 7 });

test('the parts of a total are as equal as can be and add up to it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 10_000 }), (workers, more) => {
      const total = workers + more;
      const parts = Array.from({ length: workers }, (_, index) => partOf(total, { worker: index + 1, workers }));
      assert.equal(
        parts.reduce((sum, part) => sum + part),
        total,
      );
      assert.ok(Math.max(...parts) - Math.min(...parts) <= 1);
    }),
  );
});

test('cores and queues are shared out, limits of single requests are not', () => {
  const [first, second] = [1, 2].map((worker) => workerShare(config, { worker, workers: 2 }));
  assert.deepEqual([first?.cores, second?.cores], [4, 3]);
  assert.equal(first?.maxQueueRows, config.maxQueueRows / 2);
  assert.equal(first?.maxQueueBytes, config.maxQueueBytes / 2);
  assert.equal(first?.logSuccessesPerSecond, config.logSuccessesPerSecond / 2);
  assert.equal(first?.bodyLimitBytes, config.bodyLimitBytes);
});

test('with more workers than cores each has one', () => {
  assert.equal(workerShare(config, { worker: 8, workers: 8 }).cores, 1);
});

test('no success is logged by any worker where none is to be logged', () => {
  const silent = { ...config, logSuccessesPerSecond: 0 };
  assert.equal(workerShare(silent, { worker: 1, workers: 2 }).logSuccessesPerSecond, 0);
});
