import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, type TestContext, test } from 'node:test';
import type { InstanceGroup } from '../../../src/core/inference-engine.js';
import type { PreparedModel } from '../../../src/core/model-source.js';
import { ProcessEngine } from '../../../src/engine/process-engine.js';
import { PinnedCopies } from '../../../src/onnx/pinned-copies.js';
import { prepareModel } from '../../../src/onnx/prepare-model.js';
import { largeModelInputs as inputs, largeModel, largeModelOutputs as outputs } from '../large-model.js';

const onlyHere = { skip: process.platform === 'linux' ? false : 'weights are shared where /proc tells what is mapped' };

let directory: string;
let path: string;
let cacheDirectory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-shared-'));
  path = join(directory, 'model.onnx');
  cacheDirectory = join(directory, 'cache');
  await writeFile(path, largeModel(0.5));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function load(context: TestContext, model: PreparedModel): Promise<InstanceGroup> {
  const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 60_000 });
  context.after(() => engine.close());
  const request = { id: { name: 'm', version: 1 }, instances: 1, threads: 1 };
  return engine.load({ ...request, files: () => model.files() });
}

/** The answers to a row of ones. */
async function ask(group: InstanceGroup): Promise<readonly unknown[]> {
  const ones = new Float32Array(inputs).fill(1);
  const x = { name: 'x', dataType: 'FP32', shape: [1, inputs], parts: [ones] } as const;
  const result = await group.tryRun({ inputs: [x], outputs: ['y'] });
  return Array.from((result?.outputs[0]?.data ?? []) as Float32Array);
}

const half = new Array(outputs).fill(inputs / 2);

test('the weights of a rewritten model stay in the original', onlyHere, async (context) => {
  const model = await prepareModel(path, { cacheDirectory });
  assert.ok((await stat(model.files().modelPath)).size < 1024);
  assert.deepEqual(await ask(await load(context, model)), half);
});

test('a loaded model does not feel what becomes of the file', onlyHere, async (context) => {
  const group = await load(context, await prepareModel(path, { cacheDirectory }));
  await writeFile(path, largeModel(2));
  assert.deepEqual(await ask(group), half);
  await truncate(path, 10);
  assert.deepEqual(await ask(group), half);
});

test('a file that was written to or removed meanwhile is not loaded', onlyHere, async (context) => {
  const model = await prepareModel(path, { cacheDirectory });
  await writeFile(path, largeModel(2));
  await assert.rejects(load(context, model), /its file model\.onnx was replaced or written to after it was read/);
  await rm(path);
  await assert.rejects(load(context, model), /its file model\.onnx was removed after it was read/);
});

test('a pinned copy shares its weights as the original did', onlyHere, async (context) => {
  const pinnedCopies = new PinnedCopies({ directory: join(directory, 'pinned'), largestBytes: 1e9, totalBytes: 1e9 });
  const model = await prepareModel(path, { cacheDirectory, pinnedCopies });
  await model.pin();
  await rm(path);
  assert.deepEqual(await ask(await load(context, model)), half);
  await model.dispose();
});

test('a rewritten copy serves again after the folder was moved, and behind a link', onlyHere, async (context) => {
  const first = await prepareModel(path, { cacheDirectory });
  const elsewhere = join(directory, 'elsewhere');
  await mkdir(elsewhere);
  await rename(path, join(elsewhere, 'other name.onnx'));
  const moved = await prepareModel(join(elsewhere, 'other name.onnx'), { cacheDirectory });
  assert.notEqual(moved.files().modelPath, first.files().modelPath);
  assert.deepEqual(await ask(await load(context, moved)), half);
  await symlink(join(elsewhere, 'other name.onnx'), path);
  const linked = await prepareModel(path, { cacheDirectory });
  assert.deepEqual(await ask(await load(context, linked)), half);
});
