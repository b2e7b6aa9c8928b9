import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timmImage } from '../../../../src/tasks/image/plan/timm-image.js';
import { JsonFile } from '../../../../src/tasks/model-files.js';
import { TaskOff } from '../../../../src/tasks/task-off.js';

const base = { input_size: [3, 64, 64], interpolation: 'bicubic', crop_pct: 0.9, crop_mode: 'center' };
const derived = (changes: object) =>
  timmImage(new JsonFile('config.json', { pretrained_cfg: { ...base, ...changes } }));

test('the shorter side is the input over crop_pct, rounded down; the middle is kept', () => {
  const { resize, crop, cropRounding } = derived({});
  assert.deepEqual(resize, [
    { mode: 'shortest', shortest: 71, filter: 'bicubic' },
    'config.json: pretrained_cfg.input_size, crop_pct',
  ]);
  assert.deepEqual([crop?.[0], cropRounding?.[0]], [[64, 64], 'even']);
});

test('squash stretches both sides', () => {
  assert.deepEqual(derived({ crop_mode: 'squash', input_size: [3, 32, 64], crop_pct: 1 }).resize?.[0], {
    mode: 'stretch',
    width: 64,
    height: 32,
    filter: 'bicubic',
  });
});

for (const [changes, says] of [
  [{ crop_mode: 'border' }, /crop_mode border is not served/],
  [{ interpolation: 'area' }, /interpolation area is not known/],
  [{ input_size: [1, 28, 28] }, /pictures of 1 colours are not served/],
  [{ input_size: 'large' }, /input_size is expected to be/],
  [{ crop_pct: 0 }, /crop_pct is expected to be a positive number/],
  [{ mean: [1, 2] }, /mean is expected to be three numbers/],
] as const)
  test(`${JSON.stringify(changes)} turns the task off`, () =>
    assert.throws(
      () => derived(changes),
      (error) => error instanceof TaskOff && says.test(error.message),
    ));
