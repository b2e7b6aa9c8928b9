import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { formatSpec } from '../../src/core/tensor-spec.js';
import { stateOfFile } from '../../src/onnx/file-window.js';
import { PinnedCopies, type SourceFile } from '../../src/onnx/pinned-copies.js';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { lookupModel, lookupWeightsName } from '../support/lookup-model.js';
import { testModel } from '../support/model-paths.js';

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

test('missing external data is rejected with the name of the file', async () => {
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

const whereFilesAreListed = { skip: process.platform === 'linux' ? false : '/proc tells which files are open' };

for (const model of ['external_data', 'types'] as const) {
  test(
    `nothing is said against a model whose folder went away while it was read: ${model}`,
    whereFilesAreListed,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
      const path = join(directory, 'model.onnx');
      await copyFile(testModel(model), path);
      const prepared = assert.rejects(prepareModel(path, options), {
        code: 'UNAVAILABLE',
        message: 'model.onnx was replaced, written to or removed while it was read',
        retryAfterSeconds: 1,
      });
      while (!isOpen(path)) await new Promise((resolve) => setImmediate(resolve));
      rmSync(directory, { recursive: true });
      await prepared;
    },
  );
}

/** Whether this process holds the file open. */
function isOpen(path: string): boolean {
  return readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

test('a copy is kept of what need not be rewritten, for as long as the model is prepared', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const path = join(directory, 'model.onnx');
    await copyFile(testModel('types'), path);
    const original = await readFile(path);
    const limits = { largestBytes: original.length, totalBytes: original.length };
    const pinnedCopies = new PinnedCopies({ directory: join(directory, 'pinned'), ...limits });
    const prepared = await prepareModel(path, { ...options, pinnedCopies });
    assert.equal(prepared.files().modelPath, path, 'nobody waits for the copy');
    await prepared.pin();
    const second = await prepareModel(path, { ...options, pinnedCopies });
    await second.pin();
    assert.equal(second.files().modelPath, path, 'there is room for one copy');
    const late = await prepareModel(path, { ...options, pinnedCopies });
    await writeFile(path, 'something else');
    await assert.rejects(late.pin(), {
      code: 'UNAVAILABLE',
      message: 'model.onnx was replaced, written to or removed while it was loaded',
    });
    await late.dispose();
    assert.notEqual(prepared.files().modelPath, path);
    assert.deepEqual(await readFile(prepared.files().modelPath), original);
    await prepared.dispose();
    await assert.rejects(stat(prepared.files().modelPath), { code: 'ENOENT' });
    await writeFile(path, original);
    const third = await prepareModel(path, { ...options, pinnedCopies });
    await third.pin();
    assert.notEqual(third.files().modelPath, path, 'there is room again');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('external data is copied with the model before anything is loaded, and each under its own name', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const [path, weights] = [join(directory, 'model.onnx'), join(directory, lookupWeightsName)];
    await writeFile(path, lookupModel(4));
    await writeFile(weights, new Float32Array(4).fill(7));
    const limits = { largestBytes: 2 ** 20, totalBytes: 2 ** 20 };
    const pinnedCopies = new PinnedCopies({ directory: join(directory, 'pinned'), ...limits });
    const prepared = await prepareModel(path, { ...options, pinnedCopies });
    const { modelPath, originals } = prepared.files();
    assert.notEqual(modelPath, path);
    assert.equal(originals, undefined, 'engines are not told of the files that lie in the models folder');
    await writeFile(weights, new Float32Array(4).fill(8));
    const kept = await readFile(join(dirname(modelPath), lookupWeightsName));
    assert.deepEqual(new Float32Array(kept.buffer, kept.byteOffset, 4), new Float32Array(4).fill(7));
    await prepared.dispose();
    assert.deepEqual(await readdir(join(directory, 'pinned')), []);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('where there is no room for copies the file itself is used', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const occupied = join(directory, 'occupied');
    await writeFile(occupied, '');
    const pinnedCopies = new PinnedCopies({ directory: occupied, largestBytes: 2 ** 20, totalBytes: 2 ** 20 });
    const prepared = await prepareModel(testModel('types'), { ...options, pinnedCopies });
    await prepared.pin();
    assert.equal(prepared.files().modelPath, testModel('types'));
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('external data that changes while it is copied is not served', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const [path, weights] = [join(directory, 'model.onnx'), join(directory, lookupWeightsName)];
    await writeFile(path, lookupModel(4));
    await writeFile(weights, new Float32Array(4).fill(7));
    class Swapping extends PinnedCopies {
      override async pin(files: readonly SourceFile[]) {
        await writeFile(weights, new Float32Array(4).fill(8));
        return super.pin(files);
      }
    }
    const pinnedCopies = new Swapping({
      directory: join(directory, 'pinned'),
      largestBytes: 2 ** 20,
      totalBytes: 2 ** 20,
    });
    await assert.rejects(prepareModel(path, { ...options, pinnedCopies }), {
      code: 'UNAVAILABLE',
      message: 'weights.bin was replaced, written to or removed while it was loaded',
    });
    assert.deepEqual(await readdir(join(directory, 'pinned')), []);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('files that are too large together to be copied are used where they lie, and watched', async () => {
  const path = testModel('external_data');
  const { size } = await stat(path);
  const data = join(dirname(path), 'external_data.bin');
  const keep = (largestBytes: number) =>
    new PinnedCopies({ directory: join(tmpdir(), 'slipway-test-pinned'), largestBytes, totalBytes: 2 ** 20 });
  const large = await prepareModel(path, { ...options, pinnedCopies: keep(size + 1) });
  await large.pin();
  assert.deepEqual(large.files(), {
    modelPath: path,
    originals: [
      { path, state: await stateOfFile(path), use: 'model' },
      { path: data, state: await stateOfFile(data), use: 'external' },
    ],
  });
});

test('a link to external data leads nowhere but where links may lead', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-onnx-'));
  try {
    const path = join(folder, 'models/m/model.onnx');
    await mkdir(dirname(path), { recursive: true });
    await mkdir(join(folder, 'cache'));
    await copyFile(testModel('external_data'), path);
    await copyFile(join(dirname(testModel('external_data')), 'external_data.bin'), join(folder, 'cache/blob'));
    await symlink(join(folder, 'cache/blob'), join(dirname(path), 'external_data.bin'));
    const options = { cacheDirectory: join(folder, 'rewritten') };
    const models = join(folder, 'models');
    await assert.rejects(prepareModel(path, { ...options, mayLeadTo: [models] }), {
      message: /"external_data\.bin" is a link that leads outside of the models folder; allow .*--allow-links-to/,
    });
    const prepared = await prepareModel(path, { ...options, mayLeadTo: [models, join(folder, 'cache')] });
    await prepared.dispose();
  } finally {
    await rm(folder, { recursive: true });
  }
});
