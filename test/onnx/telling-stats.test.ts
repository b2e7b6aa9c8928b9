import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileStats } from '../../src/core/engine-files.js';
import { tellingStats } from '../../src/onnx/telling-stats.js';

/** Of a file that was last changed so long before now. */
const stats = (ageMs: number): FileStats => {
  const ctimeNs = BigInt(Date.now() - ageMs) * 1_000_000n;
  return { size: 1n, mtimeNs: ctimeNs, ctimeNs };
};

test('a file that has just been written is looked at again, until its times would tell a further write', async () => {
  const looks: FileStats[] = [];
  const written = stats(0);
  const seen = await tellingStats(async () => {
    looks.push(written);
    return written;
  });
  assert.equal(seen, written);
  assert.equal(looks.length, 2);
});

for (const [what, ageMs] of [
  ['an old file', 1000],
  ['a file of a machine whose clock is ahead', -5000],
] as const) {
  test(`${what} is looked at once`, async () => {
    let looks = 0;
    await tellingStats(async () => {
      looks++;
      return stats(ageMs);
    });
    assert.equal(looks, 1);
  });
}

test('a file that is written all the time is not waited for', async () => {
  let looks = 0;
  await tellingStats(async () => {
    looks++;
    return stats(0);
  });
  assert.ok(looks < 10);
});
