import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, inputsOf, plain, texts, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('a map for DictVectorizer is a tensor with a column for each key, of any number of rows', async () => {
  const model = await workbench.prepare('dict_vectorizer');
  assert.deepEqual(inputsOf(model), ['x FP32[?, 3]']);
  assert.deepEqual(model.signature.inputs[0]?.classLabels, ['height', 'width', 'city=Oslo']);
  const { y } = await workbench.run(model, { x: floats([1, 2, 3, 4, 5, 6], [2, 3]) });
  assert.deepEqual(plain(y), { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] });
});

test('several vectorizers of one map share the columns', async () => {
  const model = await workbench.prepare('dict_vectorizers');
  assert.deepEqual(model.signature.inputs[0]?.classLabels, [1, 2, 3]);
  const { a, b } = await workbench.run(model, { x: floats([10, 20, 30], [1, 3]) });
  assert.deepEqual(plain(a).data, [10, 20]);
  assert.deepEqual(plain(b).data, [30, 10]);
});

test('a map for CastMap is a row of its values', async () => {
  const model = await workbench.prepare('cast_map');
  assert.deepEqual(inputsOf(model), ['x BYTES[?, 3]']);
  const { y } = await workbench.run(model, { x: texts(['1.5', '-2', '3e2'], [1, 3]) });
  assert.deepEqual(plain(y).data, [1.5, -2, 300]);
});
