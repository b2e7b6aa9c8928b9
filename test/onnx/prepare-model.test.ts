import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatSpec } from '../../src/core/tensor-spec.js';
import { KeptCopies } from '../../src/onnx/kept-copies.js';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { testModel } from './model-paths.js';

const options = { cacheDirectory: join(tmpdir(), 'slipway-test-cache') };

test('a model that the engine takes as it is is not copied', async () => {
  const prepared = await prepareModel(testModel('types'), options);
  assert.equal(prepared.files().modelPath, testModel('types'));
  assert.deepEqual(prepared.rewrites, []);
  assert.equal(prepared.metadata.producer, 'slipway-tests');
});

test('element types are named as the Open Inference Protocol names them', async () => {
  const { signature } = await prepareModel(testModel('types'), options);
  assert.deepEqual(
    signature.inputs.map((spec) => `${spec.name} ${formatSpec(spec)}`),
    [
      'float FP32[n]',
      'double FP64[n]',
      'float16 FP16[n]',
      'int8 INT8[n]',
      'int16 INT16[n]',
      'int32 INT32[n]',
      'int64 INT64[n]',
      'uint8 UINT8[n]',
      'uint16 UINT16[n]',
      'uint32 UINT32[n]',
      'uint64 UINT64[n]',
      'bool BOOL[n]',
      'string BYTES[n]',
    ],
  );
});

test('documentation in the file reaches the signature', async () => {
  const { signature, metadata } = await prepareModel(testModel('shapes'), options);
  assert.equal(signature.inputs[0]?.description, 'one number');
  assert.equal(metadata.description, 'Shapes of every kind.');
  assert.deepEqual(metadata.properties, { author: 'Slipway', licence: 'Apache-2.0' });
});

test('weights that an old file lists among its inputs are not asked of the caller', async () => {
  const { signature } = await prepareModel(testModel('weights_as_inputs_ir3'), options);
  assert.deepEqual(
    signature.inputs.map(({ name }) => name),
    ['x'],
  );
});

test('missing external data is refused with the name of the file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const path = join(directory, 'model.onnx');
    await copyFile(testModel('external_data'), path);
    await assert.rejects(prepareModel(path, options), {
      code: 'INVALID_ARGUMENT',
      message: 'its external data file "external_data.bin" is missing; copy it beside the model file',
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a copy is kept of what need not be rewritten, for as long as the model is prepared', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const path = join(directory, 'model.onnx');
    await copyFile(testModel('types'), path);
    const original = await readFile(path);
    const limits = { largestBytes: original.length, totalBytes: original.length };
    const keptCopies = new KeptCopies({ directory: join(directory, 'kept'), ...limits });
    const prepared = await prepareModel(path, { ...options, keptCopies });
    assert.equal(prepared.files().modelPath, path, 'nobody waits for the copy');
    await prepared.keep();
    const second = await prepareModel(path, { ...options, keptCopies });
    await second.keep();
    assert.equal(second.files().modelPath, path, 'there is room for one copy');
    const late = await prepareModel(path, { ...options, keptCopies });
    await writeFile(path, 'something else');
    await assert.rejects(late.keep(), {
      message: 'model.onnx was replaced, written to or removed while it was loaded',
    });
    await late.dispose();
    assert.notEqual(prepared.files().modelPath, path);
    assert.deepEqual(await readFile(prepared.files().modelPath), original);
    await prepared.dispose();
    await assert.rejects(stat(prepared.files().modelPath), { code: 'ENOENT' });
    await writeFile(path, original);
    const third = await prepareModel(path, { ...options, keptCopies });
    await third.keep();
    assert.notEqual(third.files().modelPath, path, 'there is room again');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a file that is too large to be copied is used where it lies, and so is one with external data', async () => {
  const keep = (largestBytes: number) =>
    new KeptCopies({ directory: join(tmpdir(), 'slipway-test-kept'), largestBytes, totalBytes: 2 ** 20 });
  const large = await prepareModel(testModel('types'), { ...options, keptCopies: keep(10) });
  await large.keep();
  assert.equal(large.files().modelPath, testModel('types'));
  const external = await prepareModel(testModel('external_data'), { ...options, keptCopies: keep(2 ** 20) });
  await external.keep();
  assert.equal(external.files().modelPath, testModel('external_data'));
});
