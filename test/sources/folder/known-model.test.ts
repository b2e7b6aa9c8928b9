import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelSettingsParsers } from '../../../src/config/model-settings-texts.js';
import { afterScan, type KnownModel } from '../../../src/sources/folder/known-model.js';
import type { ScannedModel, UnreadableModel } from '../../../src/sources/folder/scanned.js';

const window = { nowMs: 10_000, quietMs: 250, ageMs: 2000 };
const scan = (previous: KnownModel | undefined, scanned: ScannedModel | UnreadableModel) =>
  afterScan(previous, scanned, window, modelSettingsParsers);

const version = {
  fingerprint: 'f',
  changedAtMs: 0,
  content: { modelFiles: new Map([['model.onnx', '/models/a/1/model.onnx']]) },
};
const readable: ScannedModel = {
  name: 'a',
  fingerprint: '',
  changedAtMs: 0,
  content: { problems: [] },
  versions: new Map([[1, version]]),
};
const served = [{ id: { name: 'a', version: 1 }, modelPath: '/models/a/1/model.onnx', fingerprint: 'f' }];

test('a model whose folder cannot be read any more stays as it was, with the problem', async () => {
  const before = await scan(undefined, readable);
  const during = await scan(before, { name: 'a', unreadable: 'EACCES' });
  assert.deepEqual(during.found?.versions, served);
  assert.equal(during.found?.problem, 'the folder cannot be read: EACCES');
  assert.equal((await scan(during, { name: 'a', unreadable: 'EACCES' })).found, during.found);
  assert.deepEqual((await scan(during, readable)).found, before.found);
});

test('a model whose folder could never be read is listed without versions', async () => {
  const { found } = await scan(undefined, { name: 'a', unreadable: 'EIO' });
  assert.deepEqual(found?.versions, []);
  assert.equal(found?.problem, 'the folder cannot be read: EIO');
});

test('a version whose folder cannot be read any more stays as it was, with the problem', async () => {
  const before = await scan(undefined, readable);
  const { found } = await scan(before, { ...readable, versions: new Map([[1, { unreadable: 'ESTALE' }]]) });
  assert.deepEqual(found?.versions, served);
  assert.equal(found?.problem, 'version 1 cannot be read: ESTALE');
});
