import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, inputsOf, longs, outputsOf, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('an optional tensor is an input that may be left out', async () => {
  const model = await workbench.prepare('optional');
  assert.deepEqual(inputsOf(model), ['x FP32[n]']);
  assert.equal(model.signature.inputs[0]?.optional, true);
  assert.deepEqual(outputsOf(model), ['given BOOL[]', 'y FP32[?]', 'y_present BOOL[]']);
});

test('the graph knows whether it was given, an empty one included', async () => {
  const model = await workbench.prepare('optional');
  const given = await workbench.run(model, { x: floats([1, 2]) });
  assert.deepEqual([plain(given.given).data, plain(given.y).data, plain(given.y_present).data], [[1], [1, 2], [1]]);
  const empty = await workbench.run(model, { x: floats([]) });
  assert.deepEqual([plain(empty.given).data, plain(empty.y).shape], [[1], [0]]);
  const absent = await workbench.run(model, {});
  assert.deepEqual([plain(absent.given).data, plain(absent.y).shape, plain(absent.y_present).data], [[0], [0], [0]]);
});

test('an optional sequence is served as a sequence', async () => {
  const model = await workbench.prepare('optional_sequence');
  assert.deepEqual(inputsOf(model), ['x INT64[elements of x]', 'x_shapes INT64[length of x, 1]']);
  const outputs = await workbench.run(model, { x: longs([1, 2, 3]), x_shapes: longs([2, 1], [2, 1]) });
  assert.deepEqual(plain(outputs.y).data, [1, 2, 3]);
  assert.deepEqual(plain(outputs.y_shapes).data, [2, 1]);
  assert.deepEqual(plain(outputs.y_present).data, [1]);
});
