import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, inputsOf, longs, outputsOf, plain, texts, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('a sequence of tensors of one shape is a tensor with an axis more', async () => {
  const model = await workbench.prepare('sequence_of_rows');
  assert.deepEqual(inputsOf(model), ['s FP32[?, 2]', 'x FP32[2]']);
  assert.deepEqual(outputsOf(model), ['t FP32[?, 2]']);
  const { t } = await workbench.run(model, { s: floats([1, 2, 3, 4], [2, 2]), x: floats([5, 6]) });
  assert.deepEqual(plain(t), { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] });
});

test('an empty sequence goes in', async () => {
  const model = await workbench.prepare('sequence_of_rows');
  const { t } = await workbench.run(model, { s: floats([], [0, 2]), x: floats([5, 6]) });
  assert.deepEqual(plain(t), { shape: [1, 2], data: [5, 6] });
});

test('a sequence of any tensors is its elements flattened, with the shape of each', async () => {
  const model = await workbench.prepare('sequence');
  assert.deepEqual(inputsOf(model), ['s FP32[elements of s]', 's_shapes INT64[length of s, ?]', 'x FP32[…]']);
  assert.deepEqual(outputsOf(model), ['t FP32[elements of t]', 't_shapes INT64[length of t, ?]']);
  const outputs = await workbench.run(model, {
    s: floats([1, 2, 3, 4, 5]),
    s_shapes: longs([2, 2, 1, 1], [2, 2]),
    x: floats([6, 7], [1, 2]),
  });
  assert.deepEqual(plain(outputs.t), { shape: [7], data: [1, 2, 3, 4, 5, 6, 7] });
  assert.deepEqual(plain(outputs.t_shapes), { shape: [3, 2], data: [2, 2, 1, 1, 1, 2] });
});

test('shapes that do not account for every element are an error', async () => {
  const model = await workbench.prepare('sequence');
  const given = { s: floats([1, 2, 3]), s_shapes: longs([2], [1, 1]), x: floats([1]) };
  await assert.rejects(workbench.run(model, given), /SplitToSequence/);
});

test('elements of different numbers of axes are rejected with the name of the output', async () => {
  const model = await workbench.prepare('sequence');
  const given = { s: floats([1, 2, 3]), s_shapes: longs([2, 1], [2, 1]), x: floats([1], []) };
  await assert.rejects(workbench.run(model, given), /output "t" is a sequence whose elements need one number of axes/);
});

test('before operator set 13 the elements of an undeclared rank are rows', async () => {
  const model = await workbench.prepare('sequence_opset_11');
  assert.deepEqual(inputsOf(model).slice(0, 2), ['s FP32[elements of s]', 's_shapes INT64[length of s, 1]']);
  const outputs = await workbench.run(model, { s: floats([1, 2, 3]), s_shapes: longs([2, 1], [2, 1]), x: floats([4]) });
  assert.deepEqual(plain(outputs.t).data, [1, 2, 3, 4]);
  assert.deepEqual(plain(outputs.t_shapes), { shape: [3, 1], data: [2, 1, 1] });
});

test('sequences of texts are served like those of numbers', async () => {
  const model = await workbench.prepare('sequence_of_texts');
  const outputs = await workbench.run(model, {
    s: texts(['a', 'b', 'c']),
    s_shapes: longs([1, 2], [2, 1]),
    x: texts(['ü']),
  });
  assert.deepEqual(plain(outputs.t).data, ['a', 'b', 'c', 'ü']);
});
