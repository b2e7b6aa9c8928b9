import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzTaskFolders } from './fuzz-task-folders.js';

/** `npm run fuzz:tasks -- --folders 2000` damages more. */
test('folders whose tokenizer or configuration is damaged are served or rejected, and harm nobody', async () => {
  const report = await fuzzTaskFolders({ folders: 12, seed: 3 });
  assert.deepEqual(report.faults, []);
  assert.equal(report.isAlive, true);
  assert.deepEqual(report.internalErrors, []);
  assert.deepEqual(report.good.wrong, []);
  assert.ok(report.good.asked > 5);
  assert.equal(report.loaded + report.rejected, 12);
});
