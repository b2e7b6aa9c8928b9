import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelFolderFixture } from './model-folder-fixture.js';

test('a model takes the settings of its config.pbtxt, those of model.json before them', async (context) => {
  const fixture = new ModelFolderFixture(context);
  for (const file of ['net.onnx', 'other.onnx']) fixture.write(`a/1/${file}`);
  fixture.write('a/config.pbtxt', 'max_batch_size: 8 default_model_filename: "net.onnx" instance_group { count: 2 }');
  fixture.write('a/model.json', '{"maxBatchSize": 4}');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const { maxBatchSize, instances, file } = repository.models.get('a')!.config;
  assert.deepEqual({ maxBatchSize, instances, file }, { maxBatchSize: 4, instances: 2, file: 'net.onnx' });
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/net.onnx' });

  fixture.write('a/config.pbtxt', 'default_model_filename: "other.onnx"');
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/other.onnx' });
});

test('labels come from the file that config.pbtxt names, and anew when that changes', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/config.pbtxt', 'output { name: "p" label_filename: "labels.txt" }');
  fixture.write('a/labels.txt', 'cat\r\ndog\r\n');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.deepEqual(repository.models.get('a')!.config.classLabels, { p: ['cat', 'dog'] });
  fixture.write('a/labels.txt', 'cat\nhorse\n');
  await fixture.later(repository, 60_000);
  assert.deepEqual(repository.models.get('a')!.config.classLabels, { p: ['cat', 'horse'] });
  fixture.write('a/model.json', '{"classLabels": {"p": ["c", "h"]}}');
  await fixture.later(repository, 60_000);
  assert.deepEqual(repository.models.get('a')!.config.classLabels, { p: ['c', 'h'] });
});

test('labels that are not there, or out of the folder, are told of and left out', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/config.pbtxt', 'output { name: "p" label_filename: "../b/labels.txt" } name: "b"');
  fixture.write('b/labels.txt', 'secret');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.equal(repository.models.get('a')!.config.classLabels, undefined);
  const expected = [
    'config.pbtxt: its name, "b", is not honoured: the model goes by that of its folder',
    'config.pbtxt: label_filename of "p": there is no ../b/labels.txt beside it',
  ];
  assert.deepEqual(repository.models.get('a')!.notes, expected);
  await fixture.later(repository);
  assert.deepEqual(
    fixture.notes.filter((note) => note.startsWith('a: ')),
    expected.map((note) => `a: ${note}`),
  );
});

test('a broken config.pbtxt is the problem of its model, with the place, and the settings stay as they were', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/config.pbtxt', 'max_batch_size 8');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), {
    a: '[config.pbtxt: expected ":" or "{", got "8" at line 1, column 16]',
  });
  fixture.write('a/config.pbtxt', 'max_batch_size: 8');
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  fixture.write('a/config.pbtxt', 'max_batch_size: 8\ninput {');
  await fixture.later(repository, 60_000);
  assert.equal(repository.models.get('a')!.config.maxBatchSize, 8);
  assert.match(fixture.summary(repository).a ?? '', /^1=a\/1\/model.onnx \[config.pbtxt: .* at line 2, column 8\]$/);
});

test('a config.pbtxt beyond a mebibyte is not read', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/config.pbtxt', '#'.repeat(2 ** 20 + 1));
  assert.deepEqual(await fixture.found(), { a: '[config.pbtxt: expected at most 1 MiB, got more]' });
});
