import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ImagePlan } from '../../../src/core/image-plan.js';
import { ImageTensors } from '../../../src/tasks/image/image-tensor.js';
import { huggingFaceImage } from '../../../src/tasks/image/plan/hugging-face-image.js';
import { JsonFile } from '../../../src/tasks/model-files.js';
import { projectRoot } from '../../../tools/project-root.js';
import { noise, sha256 } from './noise.js';

interface Case {
  readonly config: { readonly image_processor_type: string };
  readonly from: readonly [width: number, height: number];
  readonly shape: readonly number[];
  readonly sha256: string;
  readonly sum: number;
  readonly weightedSum: number;
}

const file = join(projectRoot(), 'test/tasks/image/processed.json');
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] };
const tensors = new ImageTensors();

/** What a plan has where files say nothing. */
const plain: ImagePlan = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], layout: 'NCHW', color: 'RGB' };

function planOf(config: object): ImagePlan {
  const derived = huggingFaceImage(new JsonFile('preprocessor_config.json', config), undefined);
  return { ...plain, ...Object.fromEntries(Object.entries(derived).map(([key, [value]]) => [key, value])) };
}

const sumOf = (data: Float32Array, weight: (index: number) => number): number =>
  data.reduce((sum, value, index) => sum + value * weight(index), 0);

/** Normalised twice by transformers, once here: the same but for the last bits. */
const roundedOtherwise = 'EfficientNetImageProcessor';

for (const name of new Set(cases.map(({ config }) => config.image_processor_type)))
  test(`${name}: pictures of several proportions become what transformers makes of them`, () => {
    for (const expected of cases.filter((each) => each.config.image_processor_type === name)) {
      const { config, from, shape } = expected;
      const tensor = tensors.make(noise(...from), planOf(config));
      assert.deepEqual(tensor.shape, shape);
      if (name !== roundedOtherwise) assert.equal(sha256(new Uint8Array(tensor.data.buffer)), expected.sha256);
      else {
        const got = [sumOf(tensor.data, () => 1), sumOf(tensor.data, (index) => index % 97)] as const;
        const slack = tensor.data.length * 1e-6;
        assert.ok(Math.abs(got[0] - expected.sum) <= slack && Math.abs(got[1] - expected.weightedSum) <= 97 * slack);
      }
    }
  });

test('rows of NHWC hold the elements of NCHW, colour by colour', () => {
  const planar = tensors.make(noise(5, 4), plain);
  const packed = tensors.make(noise(5, 4), { ...plain, layout: 'NHWC' });
  assert.deepEqual(packed.shape, [4, 5, 3]);
  assert.deepEqual(packed.data, Float32Array.from(noise(5, 4).data));
  assert.deepEqual(
    planar.data,
    planar.data.map((_, index) => packed.data[(index % 20) * 3 + Math.floor(index / 20)]!),
  );
});

test('blue comes first in BGR, and means and deviations are in that order', () => {
  const plan: ImagePlan = { ...plain, color: 'BGR', layout: 'NHWC', mean: [10, 20, 30], std: [1, 2, 4] };
  const { data } = tensors.make({ data: Uint8Array.of(11, 22, 33), width: 1, height: 1 }, plan);
  assert.deepEqual([...data], [(33 - 10) / 1, (22 - 20) / 2, (11 - 30) / 4]);
});

test('a letterbox shows the whole picture in the middle of grey', () => {
  const resize = { mode: 'letterbox', width: 8, height: 8, filter: 'linear', fill: 114 } as const;
  const { data, placement } = tensors.make(
    { data: new Uint8Array(4 * 2 * 3).fill(7), width: 4, height: 2 },
    { ...plain, resize },
  );
  assert.deepEqual([placement.left, placement.top, placement.shown], [0, 2, { width: 8, height: 4 }]);
  const rows = Array.from({ length: 8 }, (_, row) => data[row * 8]);
  assert.deepEqual(rows, [114, 114, 7, 7, 7, 7, 114, 114]);
  assert.equal(new Set(data).size, 2);
});

test('half a pixel too much goes below and to the right of a letterbox', () => {
  const resize = { mode: 'letterbox', width: 4, height: 7, filter: 'linear', fill: 0 } as const;
  const { placement } = tensors.make(noise(4, 4), { ...plain, resize });
  assert.deepEqual([placement.left, placement.top], [0, 1]);
});

test('what a smaller picture lacks of a crop is black, normalised as the rest', () => {
  const plan: ImagePlan = { ...plain, crop: [3, 5], mean: [1, 1, 1] };
  const { data, shape } = tensors.make({ data: new Uint8Array(2 * 3 * 3).fill(9), width: 2, height: 3 }, plan);
  assert.deepEqual(shape, [3, 3, 5]);
  assert.deepEqual([...data.subarray(0, 5)], [-1, -1, 8, 8, -1]);
});

test('the middle of an odd rest is rounded as the framework does', () => {
  const pixels = { data: Uint8Array.from({ length: 21 }, (_, index) => Math.floor(index / 3)), width: 7, height: 1 };
  const first = (cropRounding: 'down' | 'even', width: number) =>
    tensors.make(pixels, { ...plain, crop: [1, width], cropRounding }).data[0];
  assert.deepEqual([first('down', 4), first('even', 4)], [1, 2]);
  assert.deepEqual([first('down', 2), first('even', 2)], [2, 2]);
});
