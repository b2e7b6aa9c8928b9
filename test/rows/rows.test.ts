import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { breaches, type RowFinding, rowPromises } from './row-findings.js';
import { rowKinds } from './row-kinds.js';
import { serveRowModels } from './serve-row-models.js';

/** `npm run fuzz:rows` makes other models of the same kinds, for hours. */
let findings: readonly RowFinding[] = [];

before(async () => {
  findings = await serveRowModels({ kinds: rowKinds, seed: 1, requests: 32, rounds: 1 });
});

describe('models that a script made up', () => {
  test('there are many of both sorts', () => {
    assert.ok(findings.filter(({ couples }) => couples).length >= 30);
    assert.ok(findings.filter(({ couples, batchingIsFree }) => !couples && !batchingIsFree).length >= 30);
  });

  for (const promise of Object.keys(rowPromises)) {
    test(promise, () => {
      const broken = breaches(findings, promise);
      assert.equal(broken.slice(0, 12).join('\n'), '', `${broken.length} models break it`);
    });
  }
});
