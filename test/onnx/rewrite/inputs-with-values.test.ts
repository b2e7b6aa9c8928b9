import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, inputsOf, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('an input that the file has a value for may be left out or given', async () => {
  const model = await workbench.prepare('overridable_inputs');
  assert.deepEqual(inputsOf(model), ['x FP32[n]', 'scale FP32[1]', 'shift FP32[]']);
  assert.deepEqual(
    model.signature.inputs.map(({ optional = false }) => optional),
    [false, true, true],
  );
  assert.deepEqual(model.signature.inputs[1]?.defaultValue, floats([2]));
  const usual = await workbench.run(model, { x: floats([1, 2]) });
  assert.deepEqual(plain(usual.y).data, [3, 5]);
  const other = await workbench.run(model, { x: floats([1, 2]), scale: floats([10]), shift: floats([0], []) });
  assert.deepEqual(plain(other.y).data, [10, 20]);
});

test('weights that are listed among the inputs become constants', async () => {
  const model = await workbench.prepare('weights_listed_as_inputs');
  assert.deepEqual(inputsOf(model), ['x FP32[n, 2]']);
  assert.deepEqual(model.rewrites, [
    '9 weights that the file lists among the inputs became constants, which the engine computes with faster',
  ]);
  const { y } = await workbench.run(model, { x: floats([1, 0], [1, 2]) });
  assert.deepEqual(plain(y).shape, [1, 2]);
});

test('in files of old IR versions they are constants already', async () => {
  const model = await workbench.prepare('weights_as_inputs_ir3');
  assert.deepEqual(model.rewrites, []);
  const { y } = await workbench.run(model, { x: floats([1]) });
  assert.deepEqual(plain(y).data, [3]);
});
