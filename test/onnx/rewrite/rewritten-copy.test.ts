import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { prepareModel } from '../../../src/onnx/prepare-model.js';
import { testModel } from '../model-paths.js';

let directory: string;
let cacheDirectory: string;
let source: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-copies-'));
  cacheDirectory = join(directory, 'cache');
  source = join(directory, 'model.onnx');
  await copyFile(testModel('zip_map'), source);
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const copies = async (): Promise<readonly string[]> =>
  (await readdir(cacheDirectory)).filter((name) => name.endsWith('.onnx'));

test('an unchanged file is copied once, and the copy outlives its use', async () => {
  const first = await prepareModel(source, { cacheDirectory });
  await first.dispose();
  const second = await prepareModel(source, { cacheDirectory });
  assert.equal(second.files().modelPath, first.files().modelPath);
  assert.equal((await copies()).length, 1);
});

test('a replaced file gets a copy of its own, and the old one goes with its last user', async () => {
  const old = await prepareModel(source, { cacheDirectory });
  await copyFile(testModel('zip_map_of_row'), source);
  const replacement = await prepareModel(source, { cacheDirectory });
  assert.notEqual(replacement.files().modelPath, old.files().modelPath);
  assert.equal((await copies()).length, 2);
  await old.dispose();
  assert.equal((await copies()).length, 1);
});

test('the copy of a removed file goes with its last user', async () => {
  const model = await prepareModel(source, { cacheDirectory });
  await rm(source);
  await model.dispose();
  assert.deepEqual(await readdir(cacheDirectory), []);
});

test('copies that were abandoned long ago, whole or half written, are cleared away', async () => {
  const abandoned = await prepareModel(source, { cacheDirectory });
  const half = join(cacheDirectory, 'a.onnx.half');
  await writeFile(half, 'half');
  await rm(source);
  const longAgo = new Date('2001-01-01');
  for (const path of [abandoned.files().modelPath, half]) await utimes(path, longAgo, longAgo);
  await prepareModel(testModel('zip_map_of_row'), { cacheDirectory });
  assert.equal((await copies()).length, 1);
  assert.ok(!(await readdir(cacheDirectory)).includes('a.onnx.half'));
});

test('a read-only file can be rewritten', async () => {
  await chmod(source, 0o444);
  const { rewrites } = await prepareModel(source, { cacheDirectory });
  assert.equal(rewrites.length, 1);
});

test('a folder that cannot hold copies is named in the error', async () => {
  const occupied = join(directory, 'occupied');
  await writeFile(occupied, '');
  await assert.rejects(prepareModel(source, { cacheDirectory: occupied }), {
    code: 'UNAVAILABLE',
    message: /^the model has to be rewritten, and the copy cannot be written: .*occupied/,
  });
});
