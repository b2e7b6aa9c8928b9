import assert from 'node:assert/strict';
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { PinnedCopies } from '../../../src/onnx/pinned-copies.js';
import { prepareModel } from '../../../src/onnx/prepare-model.js';
import { testModel } from '../../support/model-paths.js';

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

const copiesFolder = (): string => join(cacheDirectory, 'slipway-rewritten');

const copies = async (): Promise<readonly string[]> =>
  (await readdir(copiesFolder())).filter((name) => name.endsWith('.onnx'));

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
  assert.deepEqual(await readdir(copiesFolder()), []);
});

const longAgo = new Date('2001-01-01');

test('copies that were abandoned long ago, whole or half written, are cleared away', async () => {
  const abandoned = await prepareModel(source, { cacheDirectory });
  const half = `${abandoned.files().modelPath}.01234567-89ab-cdef-0123-456789abcdef`;
  await writeFile(half, 'half');
  await rm(source);
  for (const path of [abandoned.files().modelPath, half]) await utimes(path, longAgo, longAgo);
  await prepareModel(testModel('zip_map_of_row'), { cacheDirectory });
  assert.equal((await copies()).length, 1);
  assert.equal((await readdir(copiesFolder())).length, 2, 'the copy and its record');
});

test("other people's files in the cache folder, and among the copies, are never touched, however old", async () => {
  await prepareModel(source, { cacheDirectory });
  const names = [
    'model.onnx',
    'model.onnx.data',
    'notes.txt',
    'settings.json',
    `${'0'.repeat(63)}g.onnx`,
    'a.onnx.half',
  ];
  const folders = [cacheDirectory, copiesFolder()];
  for (const folder of folders) {
    for (const name of names) {
      await writeFile(join(folder, name), name);
      await utimes(join(folder, name), longAgo, longAgo);
    }
  }
  await prepareModel(testModel('zip_map_of_row'), { cacheDirectory });
  for (const folder of folders) {
    const left = await readdir(folder);
    for (const name of names) assert.ok(left.includes(name), `${name} in ${folder}`);
  }
});

test('a model that serves outlives the cache, whoever empties it', async () => {
  const pinnedCopies = new PinnedCopies({
    directory: join(directory, 'pinned'),
    largestBytes: 2 ** 20,
    totalBytes: 2 ** 20,
  });
  const model = await prepareModel(source, { cacheDirectory, pinnedCopies });
  const written = await readFile(model.files().modelPath);
  await model.pin();
  await rm(cacheDirectory, { recursive: true });
  assert.deepEqual(await readFile(model.files().modelPath), written);
  await model.dispose();
  assert.deepEqual(await readdir(join(directory, 'pinned')), []);
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
    message: /^the model has to be rewritten, and the copy cannot be written: ENOTDIR: .*slipway-rewritten/,
  });
});
