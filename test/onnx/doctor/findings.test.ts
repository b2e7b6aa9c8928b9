import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../src/onnx/doctor/finding.js';
import { findingsOf } from '../../../src/onnx/doctor/findings.js';
import { inspectModel } from '../../../src/onnx/inspect-model.js';
import { testModel } from '../model-paths.js';

const findings = async (name: string): Promise<readonly Finding[]> => findingsOf(await inspectModel(testModel(name)));
const codes = async (name: string): Promise<readonly string[]> => (await findings(name)).map(({ code }) => code);

test('a model without peculiarities has no findings', async () => {
  assert.deepEqual(await findings('types'), []);
});

test('what cannot be served is an error, with the reason', async () => {
  const [first] = await findings('custom_operator');
  assert.equal(first?.severity, 'error');
  assert.match(first?.message ?? '', /Frobnicate/);
});

test('a fixed first axis is a warning, with the line of code that frees it', async () => {
  const [first] = await findings('fixed_batch');
  assert.deepEqual(first, {
    severity: 'warning',
    code: 'fixed-batch',
    message: 'the first axis of input "x" is fixed to 1: requests run one at a time',
    remedy:
      'export with torch.onnx.export(…, input_names=["x"], dynamic_axes={"x": {0: "batch"}}); ' +
      'in a file at hand, onnx.tools.update_model_dims.update_inputs_outputs_dims names the axis',
  });
});

test('random operators, leftovers of training and unused inputs are told of', async () => {
  assert.deepEqual(await codes('leftovers'), ['random', 'training-leftover', 'unused-input']);
});

test('rewrites, sequences and external data are told of', async () => {
  assert.deepEqual(await codes('sequence'), ['rewritten', 'rewritten', 'not-batched']);
  assert.deepEqual(await codes('external_data'), ['external-data']);
});
