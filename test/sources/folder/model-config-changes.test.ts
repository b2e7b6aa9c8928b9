import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelFolderFixture } from './model-folder-fixture.js';

test('a model takes the settings of its model.json, and the defaults again when that is removed', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/model.json', '{"labels": {"stable": 1}}');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.deepEqual(repository.models.get('a')!.config.labels, { stable: 1 });

  fixture.remove('a/model.json');
  await fixture.later(repository, 60_000);
  assert.deepEqual(repository.models.get('a')!.config.labels, {});
  assert.equal(repository.models.get('a')!.versions.length, 1);
});

test('a bare model has its settings in a file of the same name', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('iris.onnx');
  fixture.write('iris.json', '{"maxBatchSize": 7}');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.equal(repository.models.get('iris')!.config.maxBatchSize, 7);
});

test('changed settings leave the versions alone', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const before = repository.models.get('a')!;
  fixture.write('a/model.json', '{"instances": 2}');
  await fixture.later(repository, 60_000);
  const after = repository.models.get('a')!;
  assert.equal(after.config.instances, 2);
  assert.deepEqual(after.versions, before.versions);
  assert.equal(fixture.changes, 2);
});

test('settings that cannot be used leave the last valid ones in force and the versions served', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/model.json', '{"maxBatchSize": 4}');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);

  fixture.write('a/model.json', '{"maxBatchSize": 0, "label": {}}');
  await fixture.later(repository, 60_000);
  const broken = repository.models.get('a')!;
  assert.equal(broken.config.maxBatchSize, 4);
  assert.equal(broken.versions.length, 1);
  assert.equal(
    broken.problem,
    'model.json: maxBatchSize: expected an integer from 1 to 1000000, got 0; label: there is no such key; did you mean labels?',
  );

  fixture.write('a/model.json', '{"maxBatchSize": 5}');
  await fixture.later(repository, 60_000);
  assert.equal(repository.models.get('a')!.config.maxBatchSize, 5);
  assert.equal(repository.models.get('a')!.problem, undefined);
});

test('a half-written model.json is waited for', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.nowMs = Date.now();
  fixture.write('a/model.json', '{"maxBatch');
  await repository.rescan();
  fixture.write('a/model.json', '{"maxBatchSize": 5}');
  await fixture.later(repository);
  assert.equal(fixture.changes, 1);
  await fixture.later(repository);
  assert.equal(repository.models.get('a')!.config.maxBatchSize, 5);
  assert.equal(fixture.changes, 2);
});

const unusable: readonly [what: string, text: string | Buffer, problem: string][] = [
  ['is no JSON', '{', "model.json: not valid JSON: Expected property name or '}' at line 1, column 2"],
  ['is empty', '', 'model.json: expected a JSON object, got an empty file'],
  ['is too long', `{"description": "${'x'.repeat(2 ** 20)}"}`, 'model.json: expected at most 1 MiB, got more'],
  ['is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'model.json: expected UTF-8 text, got other bytes'],
];

for (const [what, text, problem] of unusable) {
  test(`a new model whose model.json ${what} is listed with the problem and served in no version`, async (context) => {
    const fixture = new ModelFolderFixture(context);
    fixture.write('a/1/model.onnx');
    fixture.write('a/model.json', text);
    assert.deepEqual(await fixture.found(), { a: `[${problem}]` });
  });
}

test('a model.json of just 1 MiB is read', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/model.json', `{"description": "${'x'.repeat(2 ** 20 - 19)}"}`);
  assert.deepEqual(await fixture.found(), { a: '1=a/1/model.onnx' });
});

test('a model is served from the file that its settings name, and from another once they name that', async (context) => {
  const fixture = new ModelFolderFixture(context);
  for (const name of ['model', 'model_fp16', 'model_int8']) fixture.write(`a/1/onnx/${name}.onnx`);
  fixture.write('a/model.json', '{"variant": "fp16"}');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/onnx/model_fp16.onnx' });

  fixture.write('a/model.json', '{"file": "onnx/model_int8.onnx"}');
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/onnx/model_int8.onnx' });

  fixture.write('a/model.json', '{"file": "model_int8.onnx"}');
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), {
    a: '[version 1 holds no model_int8.onnx, which its settings ask for; did you mean onnx/model_int8.onnx?]',
  });
});
