import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '../../../src/core/tensor.js';
import { flag, floats, inputsOf, outputsOf, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('bfloat16 is carried as FP32, in subgraphs that use the input too', async () => {
  const model = await workbench.prepare('bfloat16');
  assert.deepEqual(inputsOf(model), ['x FP32[n]', 'halve BOOL[]']);
  assert.deepEqual(outputsOf(model), ['y FP32[n]', 'z FP32[n]']);
  assert.equal(model.signature.inputs[0]?.modelDataType, 'BF16');
  const halved = await workbench.run(model, { x: floats([1, 3, 256.5]), halve: flag(true) });
  assert.deepEqual(plain(halved.y).data, [0.5, 1.5, 128]);
  assert.deepEqual(plain(halved.z).data, [0.5, 1.5, 128]);
  const same = await workbench.run(model, { x: floats([1, 3]), halve: flag(false) });
  assert.deepEqual(plain(same.y).data, [1, 3]);
});

test('float8 is carried as FP32 and rounded as the type demands', async () => {
  const model = await workbench.prepare('float8');
  const { y } = await workbench.run(model, { x: floats([0.5, 1.1, 448, 1000]) });
  assert.deepEqual(plain(y).data, [0.5, 1.125, 448, 448]);
});

test('int4 is carried as INT8 and tells its range', async () => {
  const model = await workbench.prepare('int4');
  assert.deepEqual(inputsOf(model), ['x INT8[n]']);
  assert.deepEqual(model.signature.inputs[0]?.range, { min: -8n, max: 7n });
  const x: Tensor = { dataType: 'INT8', shape: [3], data: Int8Array.of(-8, 0, 7) };
  const { y } = await workbench.run(model, { x });
  assert.deepEqual(plain(y), { shape: [3], data: [-8, 0, 7] });
});

test('a rewritten model finds its external data where the original lies', async () => {
  const model = await workbench.prepare('narrow_external_data');
  assert.ok(model.files().externalDataDirectory);
  const { y } = await workbench.run(model, { x: floats([1, 2], [1, 2]) });
  assert.deepEqual(plain(y), { shape: [1, 3], data: [6, 9, 12] });
});
