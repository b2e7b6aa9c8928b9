import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observe, type Stability } from '../../../src/sources/folder/stability-window.js';

/** At a time, something of a content whose latest change has a date; then the content in force. */
type Step = readonly [nowMs: number, content: string, changedAtMs: number, inForce: string | undefined];

const stories: readonly (readonly [what: string, steps: readonly Step[]])[] = [
  ['old things are complete at first sight', [[10_000, 'a', 7_999, 'a']]],
  [
    'new things are complete when they have looked the same for long enough',
    [
      [10_000, 'a', 9_000, undefined],
      [10_249, 'a', 9_000, undefined],
      [10_250, 'a', 9_000, 'a'],
    ],
  ],
  [
    'every change begins the wait anew',
    [
      [10_000, 'a', 10_000, undefined],
      [10_200, 'b', 10_200, undefined],
      [10_400, 'c', 10_400, undefined],
      [10_600, 'c', 10_400, undefined],
      [10_700, 'c', 10_400, 'c'],
    ],
  ],
  [
    'what was complete stays in force until the new is',
    [
      [10_000, 'a', 0, 'a'],
      [20_000, 'b', 20_000, 'a'],
      [21_000, 'c', 21_000, 'a'],
      [22_000, 'c', 21_000, 'c'],
    ],
  ],
  [
    'a change that went back is none',
    [
      [10_000, 'a', 0, 'a'],
      [20_000, 'b', 20_000, 'a'],
      [20_100, 'a', 20_100, 'a'],
    ],
  ],
  [
    'a change found long after it happened is complete at once',
    [
      [10_000, 'a', 0, 'a'],
      [70_000, 'b', 20_000, 'b'],
    ],
  ],
  [
    'a date in the future is waited out',
    [
      [10_000, 'a', 99_000, undefined],
      [11_000, 'a', 99_000, 'a'],
    ],
  ],
];

for (const [what, steps] of stories) {
  test(what, () => {
    let watched: Stability<string> | undefined;
    for (const [nowMs, content, changedAtMs, inForce] of steps) {
      const scanned = { fingerprint: content, changedAtMs, content };
      watched = observe(watched, scanned, { nowMs, quietMs: 250, ageMs: 2000 });
      assert.equal(watched.stable?.content, inForce, `at ${nowMs}`);
      assert.equal(watched.isStable, watched.stable?.content === content, `at ${nowMs}`);
    }
  });
}
