import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, outputsOf, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

test('the maps of ZipMap are served as a tensor of scores with labels', async () => {
  const model = await workbench.prepare('zip_map');
  assert.deepEqual(outputsOf(model), ['label BYTES[n]', 'probabilities FP32[?, 3]', 'confidence FP32[n]']);
  assert.deepEqual(model.signature.outputs[1]?.classLabels, ['setosa', 'versicolor', 'virginica']);
  assert.deepEqual(model.rewrites, [
    'output "probabilities": the maps that ZipMap makes are served as a tensor of scores, ' +
      'one for each of "setosa", "versicolor", "virginica"',
  ]);
});

test('other users of the scores still get them', async () => {
  const model = await workbench.prepare('zip_map');
  const outputs = await workbench.run(model, { x: floats([1, 2, 3, 4], [2, 2]) });
  const probabilities = plain(outputs.probabilities);
  const confidence = plain(outputs.confidence);
  assert.deepEqual(probabilities.shape, [2, 3]);
  const rows = [probabilities.data.slice(0, 3), probabilities.data.slice(3)];
  assert.deepEqual(
    rows.map((row) => Math.max(...row.map(Number))),
    confidence.data,
  );
});

test('several ZipMaps in a file that imports no standard operators are each rewritten', async () => {
  const model = await workbench.prepare('zip_maps_only_ml');
  assert.deepEqual(
    model.signature.outputs.map(({ classLabels }) => classLabels),
    [
      [7, 8, 9],
      ['no', 'yes'],
    ],
  );
  const { first, second } = await workbench.run(model, { x: floats([1, 2], [1, 2]) });
  assert.deepEqual(plain(first).shape, [1, 3]);
  assert.deepEqual(plain(second).shape, [1, 2]);
});

test('a single row of scores is served as a row', async () => {
  const model = await workbench.prepare('zip_map_of_row');
  assert.deepEqual(outputsOf(model), ['z FP32[1, 3]']);
  const { z } = await workbench.run(model, { scores: floats([0.5, 0.25, 0.25]) });
  assert.deepEqual(plain(z), { shape: [1, 3], data: [0.5, 0.25, 0.25] });
});
