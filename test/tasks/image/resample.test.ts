import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ImageFilter } from '../../../src/core/image-plan.js';
import { PixelKernel } from '../../../src/tasks/image/kernel/pixel-kernel.js';
import type { Pixels } from '../../../src/tasks/image/resample.js';
import { putPixels, resample } from '../../../src/tasks/image/resample.js';
import { projectRoot } from '../../../tools/project-root.js';
import { noise, sha256 } from './noise.js';

interface Case {
  readonly from: readonly [width: number, height: number];
  readonly to: readonly [width: number, height: number];
  readonly filter: ImageFilter;
  readonly sha256: string;
}

const file = join(projectRoot(), 'test/tasks/image/resampled.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };
const kernel = new PixelKernel();

function resized(pixels: Pixels, [width, height]: readonly [number, number], filter: ImageFilter): Uint8Array {
  kernel.begin();
  const { address, stride } = resample(kernel, putPixels(kernel, pixels), { width, height }, filter);
  const memory = new Uint8Array(kernel.loops.memory.buffer);
  const rows = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const row = address + y * stride;
    rows.set(memory.subarray(row, row + 3 * width), 3 * width * y);
  }
  return rows;
}

for (const filter of new Set(cases.map((each) => each.filter)))
  test(`a picture of noise resized with ${filter} is byte for byte the library's`, () => {
    for (const { from, to, sha256: expected } of cases.filter((each) => each.filter === filter))
      assert.equal(sha256(resized(noise(...from), to, filter)), expected, `${from.join('×')} to ${to.join('×')}`);
  });

test('a picture resized after a larger one is what it is alone', () => {
  const alone = sha256(resized(noise(97, 61), [23, 17], 'bicubic'));
  resized(noise(640, 480), [300, 200], 'lanczos');
  assert.equal(sha256(resized(noise(97, 61), [23, 17], 'bicubic')), alone);
});
