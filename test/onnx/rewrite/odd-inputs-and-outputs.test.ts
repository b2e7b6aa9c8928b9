import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, inputsOf, outputsOf, plain, texts, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('inputs and outputs that are listed twice are served once', async () => {
  const model = await workbench.prepare('duplicate_edges');
  assert.deepEqual([...inputsOf(model), ...outputsOf(model)], ['x FP32[n]', 'y FP32[n]']);
  const { y } = await workbench.run(model, { x: floats([1, 2]) });
  assert.deepEqual(plain(y).data, [2, 4]);
});

test('an input may be an output as well', async () => {
  const model = await workbench.prepare('input_is_output');
  const { x } = await workbench.run(model, { x: floats([1, 2]) });
  assert.deepEqual(plain(x).data, [1, 2]);
});

test('an output of no declared type is left out, and the description says so', async () => {
  const model = await workbench.prepare('untyped_output');
  assert.deepEqual(outputsOf(model), ['z FP32[n]']);
  assert.match(
    model.rewrites[0] ?? '',
    /^output "y" is left out: the file declares no type for it; run onnx.shape_inf/,
  );
  const { z } = await workbench.run(model, { x: floats([1]) });
  assert.deepEqual(plain(z).data, [-1]);
});

test('complex inputs are rejected with what to do', () =>
  assert.rejects(workbench.prepare('complex_input'), {
    code: 'INVALID_ARGUMENT',
    message:
      'input "x" cannot be served: it is of type tensor(complex64)[n], and the engine has no complex numbers; ' +
      'export real and imaginary parts as an axis of size 2',
  }));

test('custom operators are rejected by name and domain', () =>
  assert.rejects(workbench.prepare('custom_operator'), {
    code: 'INVALID_ARGUMENT',
    message: /^operator "Frobnicate" of domain "com.example" is a custom one that the engine does not have: /,
  }));

test('a model with functions and subgraphs of its own is served as it is', async () => {
  const model = await workbench.prepare('control_flow');
  assert.deepEqual(model.rewrites, []);
});

test('texts are normalized without a locale of the system', async () => {
  const model = await workbench.prepare('string_normalizer');
  const { y } = await workbench.run(model, { x: texts(['The', 'ÉTÉ', 'ΟΔΟΣ']) });
  assert.deepEqual(plain(y).data, ['été', 'οδοσ']);
});
