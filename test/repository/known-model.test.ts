import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModelConfig } from '../../src/core/model-config.js';
import { type KnownModel, lookAgain } from '../../src/repository/known-model.js';
import type { ModelSighting, UnreadableModel } from '../../src/repository/sighting.js';

const patience = { nowMs: 10_000, quietMs: 250, ageMs: 2000 };
const look = (previous: KnownModel | undefined, sighting: ModelSighting | UnreadableModel) =>
  lookAgain(previous, sighting, patience, () => defaultModelConfig);

const version = { fingerprint: 'f', changedAtMs: 0, content: { modelPath: '/models/a/1/model.onnx' } };
const readable: ModelSighting = {
  name: 'a',
  fingerprint: '',
  changedAtMs: 0,
  content: { problems: [] },
  versions: new Map([[1, version]]),
};
const served = [{ id: { name: 'a', version: 1 }, modelPath: '/models/a/1/model.onnx', fingerprint: 'f' }];

test('a model whose folder cannot be read any more stays as it was, with the problem', async () => {
  const before = await look(undefined, readable);
  const during = await look(before, { name: 'a', unreadable: 'EACCES' });
  assert.deepEqual(during.found?.versions, served);
  assert.equal(during.found?.problem, 'the folder cannot be read: EACCES');
  assert.equal((await look(during, { name: 'a', unreadable: 'EACCES' })).found, during.found);
  assert.deepEqual((await look(during, readable)).found, before.found);
});

test('a model whose folder could never be read is listed without versions', async () => {
  const { found } = await look(undefined, { name: 'a', unreadable: 'EIO' });
  assert.deepEqual(found?.versions, []);
  assert.equal(found?.problem, 'the folder cannot be read: EIO');
});

test('a version whose folder cannot be read any more stays as it was, with the problem', async () => {
  const before = await look(undefined, readable);
  const { found } = await look(before, { ...readable, versions: new Map([[1, { unreadable: 'ESTALE' }]]) });
  assert.deepEqual(found?.versions, served);
  assert.equal(found?.problem, 'version 1 cannot be read: ESTALE');
});
