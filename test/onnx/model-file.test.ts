import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readModelFile } from '../../src/onnx/model-file.js';
import { formatValueType } from '../../src/onnx/value-type.js';
import { testModel } from '../support/model-paths.js';

test('a model file tells who made it and for which operator sets', async () => {
  const { outline } = await readModelFile(testModel('shapes'));
  assert.equal(outline.producerName, 'slipway-tests');
  assert.equal(outline.producerVersion, '1');
  assert.equal(outline.irVersion, 8);
  assert.equal(outline.docString, 'Shapes of every kind.');
  assert.deepEqual([...outline.opsets], [['ai.onnx', 17]]);
  assert.deepEqual(
    [...outline.properties],
    [
      ['author', 'Slipway'],
      ['licence', 'Apache-2.0'],
    ],
  );
});

test('scalars, unknown ranks, named, anonymous, fixed and zero sizes are told apart', async () => {
  const { inputs } = await readModelFile(testModel('shapes'));
  assert.deepEqual(Object.fromEntries(inputs.map(({ name, type }) => [name, formatValueType(type)])), {
    scalar: 'tensor(float)[]',
    unknown_rank: 'tensor(float)[…]',
    rows: 'tensor(int64)[batch, ?, 3]',
    empty: 'tensor(float)[0, 2]',
  });
  assert.equal(inputs[0]?.description, 'one number');
});

test('inputs that the file gives a value for are marked', async () => {
  const { inputs, parameterCount } = await readModelFile(testModel('overridable_inputs'));
  assert.deepEqual(
    inputs.map(({ name, hasInitializer }) => [name, hasInitializer]),
    [
      ['x', false],
      ['scale', true],
      ['shift', true],
    ],
  );
  assert.equal(parameterCount, 2);
});

test('operators are counted in subgraphs and functions too', async () => {
  const { operators } = await readModelFile(testModel('control_flow'));
  assert.deepEqual(
    [...operators].map(([domain, counts]) => [domain, Object.fromEntries(counts)]),
    [
      ['ai.onnx', { If: 1, Mul: 2, Constant: 1 }],
      ['own', { Halve: 1 }],
    ],
  );
});

test('external data is found and counted', async () => {
  const { externalFiles, fileBytes, sizeBytes } = await readModelFile(testModel('external_data'));
  assert.deepEqual(
    externalFiles.map(({ location, bytes, problem }) => ({ location, bytes, problem })),
    [{ location: 'external_data.bin', bytes: 24, problem: undefined }],
  );
  assert.equal(sizeBytes, fileBytes + 24);
});
