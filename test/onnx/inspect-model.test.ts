import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInspection } from '../../src/onnx/format-inspection.js';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { testModel } from '../support/model-paths.js';

async function inspected(name: string): Promise<string> {
  const text = formatInspection(await inspectModel(testModel(name)));
  return text.replace(/file +\/.*\//, 'file … ');
}

test('an inspection says what the file is and what it would be served as', async () => {
  assert.equal(
    await inspected('zip_map'),
    `Model
  file … zip_map.onnx
  size               539 bytes
  parameters         0
  producer           slipway-tests
  graph              zip_map
  IR version         8
  operator sets      ai.onnx 17, ai.onnx.ml 1

Inputs
  x  tensor(float)[n, 2]

Outputs
  label  tensor(string)[n]
  probabilities  seq(map(string, tensor(float)[…]))
  confidence  tensor(float)[n]

Operators
  ai.onnx.ml: LinearClassifier, ZipMap
  ai.onnx: ReduceMax

Rewritten
  output "probabilities": the maps that ZipMap makes are served as a tensor of scores, one for each of "setosa", "versicolor", "virginica"

Served as
  input   x  FP32[n, 2]
  output  label  BYTES[n]
  output  probabilities  FP32[?, 3]  columns: setosa, versicolor, virginica
  output  confidence  FP32[n]
`,
  );
});

test('a file that cannot be served is still described, with the reason', async () => {
  const text = await inspected('custom_operator');
  assert.match(text, /Operators\n {2}com.example: Frobnicate\n/);
  assert.match(text, /Cannot be served\n {2}operator "Frobnicate" of domain "com.example"/);
});

test('external data, defaults and sequences are told of', async () => {
  assert.match(await inspected('external_data'), /External data\n {2}external_data.bin {2}24 bytes\n/);
  assert.match(await inspected('overridable_inputs'), /input {3}scale {2}FP32\[1\] {2}may be left out/);
  assert.match(await inspected('sequence'), /Runs one request at a time\n {2}output "t" is a sequence/);
});
