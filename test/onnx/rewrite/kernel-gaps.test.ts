import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/core/tensor.js';
import { floats, longs, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('bfloat16 inside a model is computed in float32, and rounded after each operator', async () => {
  const model = await workbench.prepare('bfloat16_inside');
  assert.ok(
    model.rewrites.includes('the engine has no MatMul, Add, Relu, ArgMax of bfloat16: it is computed in float'),
  );
  const { y, best } = await workbench.run(model, { x: floats([1, 1, 1, 100, 1, 0], [2, 3]) });
  // 203.5 has one digit more than bfloat16 can hold.
  assert.deepEqual(plain(y), { shape: [2, 2], data: [9.5, 11.5, 103.5, 204] });
  assert.deepEqual(plain(best), { shape: [2], data: [1, 1] });
});

test('short integers are computed in longer ones, and wrap as they would', async () => {
  const model = await workbench.prepare('short_integers');
  const shorts = (dataType: 'INT16' | 'UINT16', values: readonly number[]): Tensor => ({
    dataType,
    shape: [values.length],
    data: dataType === 'INT16' ? Int16Array.from(values) : Uint16Array.from(values),
  });
  const { largest, shifted } = await workbench.run(model, {
    a: shorts('INT16', [-32768, 5]),
    b: shorts('INT16', [-1, 32767]),
    u: shorts('UINT16', [1, 0xffff]),
    s: shorts('UINT16', [15, 4]),
  });
  assert.deepEqual([largest?.dataType, plain(largest).data], ['INT16', [-1, 32767]]);
  assert.deepEqual([shifted?.dataType, plain(shifted).data], ['UINT16', [0x8000, 0xfff0]]);
});

test('a recurrent network with the batch first answers as one with the sequence first', async () => {
  const batchFirst = await workbench.prepare('recurrent_batch_first');
  const sequenceFirst = await workbench.prepare('recurrent_sequence_first');
  // One batch of two, three steps.
  const rows = [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6];
  const turned = [1, 2, -1, -2, 3, 4, -3, -4, 5, 6, -5, -6];
  const one = await workbench.run(batchFirst, { x: floats(rows, [2, 3, 2]) });
  const other = await workbench.run(sequenceFirst, { x: floats(turned, [3, 2, 2]) });
  assert.deepEqual(plain(one.last).shape, [2, 1, 3]);
  assert.deepEqual(plain(one.last).data, plain(other.last).data);
  const [steps, byStep] = [plain(one.y), plain(other.y)];
  assert.deepEqual(steps.shape, [2, 3, 1, 3]);
  assert.deepEqual(byStep.shape, [3, 1, 2, 3]);
  const second = byStep.data.filter((_, index) => Math.floor(index / 3) % 2 === 1);
  assert.deepEqual(steps.data.slice(9), second);
});

test('an operator that the engine has of an older operator set only is loaded as one of that', async () => {
  const model = await workbench.prepare('roi_align_22');
  assert.match(model.rewrites.join(), /the engine has RoiAlign of operator set 21 only/);
  const { y } = await workbench.run(model, {
    x: floats(new Array(16).fill(3), [1, 1, 4, 4]),
    boxes: floats([0, 0, 3, 3], [1, 4]),
    of: longs([0]),
  });
  assert.deepEqual(plain(y), { shape: [1, 1, 1, 1], data: [3] });
});
