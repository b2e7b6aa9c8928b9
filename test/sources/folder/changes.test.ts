import assert from 'node:assert/strict';
import { appendFileSync, cpSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { ModelFolderFixture } from './model-folder-fixture.js';

const longAgo = new Date('2020-01-01');

test('a change is told once, and what did not change keeps its identity', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('b/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  assert.equal(fixture.changes, 1);
  const before = repository.models;
  await fixture.later(repository);
  assert.equal(repository.models, before);
  assert.equal(fixture.changes, 1);

  fixture.write('b/2/model.onnx');
  await fixture.later(repository, 60_000);
  assert.equal(fixture.changes, 2);
  assert.equal(repository.models.get('a'), before.get('a'));
  assert.notEqual(repository.models.get('b'), before.get('b'));
  assert.equal(repository.models.get('b')!.versions[0]!.fingerprint, before.get('b')!.versions[0]!.fingerprint);
});

test('a new model that was just written is not there until it has lain still for a while', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx', 'half');
  const repository = fixture.repository();
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), {});
  await fixture.later(repository, 100);
  assert.deepEqual(fixture.summary(repository), {});

  appendFileSync(fixture.path('a/1/model.onnx'), ' and half');
  await fixture.later(repository, 200);
  assert.deepEqual(fixture.summary(repository), {});
  await fixture.later(repository, 249);
  assert.deepEqual(fixture.summary(repository), {});
  await fixture.later(repository, 1);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('a new model that goes on changing is listed as such', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const keepsChanging = '[its files keep changing; it is served once they have lain still for a moment]';
  fixture.write('a/1/model.onnx', 'a part');
  const repository = fixture.repository();
  await repository.rescan();
  for (let second = 1; second <= 3; second++) {
    appendFileSync(fixture.path('a/1/model.onnx'), ' and a part');
    fixture.date('a/1/model.onnx', new Date(fixture.nowMs + 900));
    await fixture.later(repository, 1000);
    assert.deepEqual(fixture.summary(repository), { a: keepsChanging });
  }
  await fixture.later(repository, 1000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  assert.equal(fixture.changes, 2);
});

test('a model with a version serves it while another one is being copied', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.nowMs = Date.now();
  for (let second = 1; second <= 3; second++) {
    fixture.write('a/2/model.onnx', 'x'.repeat(second));
    fixture.date('a/2/model.onnx', new Date(fixture.nowMs + 900));
    await fixture.later(repository, 1000);
    assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  }
  await fixture.later(repository, 1000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx 2=a/2/model.onnx' });
});

test('a version that was deleted stays until the one that was put in its place is complete', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.nowMs = Date.now();
  fixture.write('a/2/model.onnx');
  rmSync(fixture.path('a/1'), { recursive: true });
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  await fixture.later(repository, 1000);
  assert.deepEqual(fixture.summary(repository), { a: '2=a/2/model.onnx' });
});

test('a version that was deleted stays no longer than its successor is awaited', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.nowMs = Date.now();
  fixture.write('a/2/model.onnx');
  for (const version of ['a/1', 'a/2']) {
    rmSync(fixture.path(version), { recursive: true });
    await fixture.later(repository, 200);
  }
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  await fixture.later(repository, 50);
  assert.deepEqual(repository.models.get('a')?.versions, []);
});

test('a model that was written some seconds ago is there at first sight', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 2100);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('files of old date in a folder of new date may still be joined by others', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.date('a/1/model.onnx', longAgo);
  const repository = fixture.repository();
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), {});

  fixture.write('a/1/weights.bin');
  fixture.date('a/1/weights.bin', longAgo);
  for (const folder of ['a/1', 'a']) fixture.date(folder, longAgo);
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('a clock that is behind the dates of files only delays', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.nowMs = longAgo.getTime();
  const repository = fixture.repository();
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), {});
  await fixture.later(repository);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('while a version is being replaced its old state stays', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx', 'old');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const old = repository.models.get('a')!;

  fixture.nowMs = Date.now();
  fixture.write('a/1/model.onnx', 'new, ha');
  await repository.rescan();
  assert.equal(repository.models.get('a'), old);
  appendFileSync(fixture.path('a/1/model.onnx'), 'lf');
  await fixture.later(repository);
  assert.equal(repository.models.get('a'), old);
  await fixture.later(repository);
  assert.notEqual(repository.models.get('a')!.versions[0]!.fingerprint, old.versions[0]!.fingerprint);
  assert.equal(fixture.changes, 2);
});

test('while a version is being taken away and put back its old state stays', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx', 'old');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const old = repository.models.get('a')!;

  fixture.nowMs = Date.now();
  fixture.remove('a/1/model.onnx');
  await repository.rescan();
  assert.equal(repository.models.get('a'), old);
  fixture.write('a/1/model.onnx', 'new');
  await fixture.later(repository, 100);
  assert.equal(repository.models.get('a'), old);
  await fixture.later(repository);
  assert.notEqual(repository.models.get('a'), old);
  assert.equal(fixture.changes, 2);
});

test('a change to anything that a version holds is a change of the version', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('a/1/data/weights.bin', 'aaa');
  fixture.write('b.onnx');
  fixture.write('b.onnx.data', 'aaa');
  const repository = fixture.repository();
  const fingerprints = () => [...repository.models.values()].map(({ versions }) => versions[0]!.fingerprint);
  await fixture.later(repository, 60_000);
  const [a, b] = fingerprints();
  fixture.write('a/1/data/weights.bin', 'bbb');
  await fixture.later(repository, 60_000);
  assert.notEqual(fingerprints()[0], a);
  assert.equal(fingerprints()[1], b);
  fixture.write('b.onnx.data', 'bbb');
  await fixture.later(repository, 60_000);
  assert.notEqual(fingerprints()[1], b);
});

test('a replacement of the same size and date is noticed, whether renamed into place or written over', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx', 'old');
  fixture.date('a/1/model.onnx', longAgo);
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const seen = new Set([repository.models.get('a')!.versions[0]!.fingerprint]);

  fixture.write('new.bin', 'new');
  fixture.date('new.bin', longAgo);
  renameSync(fixture.path('new.bin'), fixture.path('a/1/model.onnx'));
  await fixture.later(repository, 60_000);
  seen.add(repository.models.get('a')!.versions[0]!.fingerprint);

  fixture.write('a/1/model.onnx', 'yet');
  fixture.date('a/1/model.onnx', longAgo);
  await fixture.later(repository, 60_000);
  seen.add(repository.models.get('a')!.versions[0]!.fingerprint);
  assert.equal(seen.size, 3);
});

test("what is no part of the version is no change of it: cards, hidden files, other versions, the model's settings", async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.write('b/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const before = [...repository.models.values()].map(({ versions }) => versions[0]!.fingerprint);
  for (const name of ['a/1/README.md', 'a/1/.model.onnx.swp', 'a/2/model.onnx', 'a/notes.txt', 'b/README.md']) {
    fixture.write(name);
  }
  fixture.write('b/model.json', '{}');
  await fixture.later(repository, 60_000);
  assert.deepEqual(
    [...repository.models.values()].map(({ versions }) => versions[0]!.fingerprint),
    before,
  );
});

test('a removed version or model is gone once it has been missing for a moment', async (context) => {
  const fixture = new ModelFolderFixture(context);
  for (const file of ['a/1/model.onnx', 'a/2/model.onnx', 'b.onnx']) fixture.write(file);
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.remove('a/2');
  fixture.remove('b.onnx');
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx 2=a/2/model.onnx', b: '1=b.onnx' });
  await fixture.later(repository, 250);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('a version or model that was moved away and is back is not missed, and what is new in it is', async (context) => {
  const fixture = new ModelFolderFixture(context);
  for (const file of ['a/1/model.onnx', 'a/2/model.onnx', 'b/1/model.onnx']) fixture.write(file, 'old');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const before = { a: '1=a/1/model.onnx 2=a/2/model.onnx', b: '1=b/1/model.onnx' };
  const old = repository.models.get('b')?.versions[0]?.fingerprint;
  renameSync(fixture.path('a/2'), fixture.path('a/aside'));
  renameSync(fixture.path('b'), fixture.path('..b'));
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), before);
  renameSync(fixture.path('a/aside'), fixture.path('a/2'));
  fixture.write('b/1/model.onnx', 'new');
  await fixture.later(repository);
  assert.deepEqual(fixture.summary(repository), before);
  await fixture.later(repository);
  assert.deepEqual(fixture.summary(repository), before);
  assert.notEqual(repository.models.get('b')?.versions[0]?.fingerprint, old);
});

test('a ConfigMap that is swapped behind its links is a change, and no moment without the model', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/..first/model.onnx', 'old');
  fixture.link('a/1/..data', '..first');
  fixture.link('a/1/model.onnx', '..data/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const old = repository.models.get('a')!;

  fixture.write('a/1/..second/model.onnx', 'new');
  symlinkSync('..second', fixture.path('a/1/..data_tmp'));
  renameSync(fixture.path('a/1/..data_tmp'), fixture.path('a/1/..data'));
  fixture.remove('a/1/..first');
  await fixture.later(repository, 1000);
  await fixture.later(repository, 1000);
  const found = repository.models.get('a')!;
  assert.equal(found.versions[0]!.modelPath, old.versions[0]!.modelPath);
  assert.notEqual(found.versions[0]!.fingerprint, old.versions[0]!.fingerprint);
});

test('a version that is moved into the folder whole is found', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const staging = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  staging.write('2/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  cpSync(staging.path('2'), fixture.path('a/.2'), { recursive: true });
  renameSync(fixture.path('a/.2'), fixture.path('a/2'));
  await fixture.later(repository, 60_000);
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx 2=a/2/model.onnx' });
});

test('a models folder that cannot be read leaves the models as they were, and says so once', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  const before = repository.models;
  renameSync(fixture.directory, `${fixture.directory}-away`);
  context.after(() => rmSync(`${fixture.directory}-away`, { recursive: true, force: true }));
  await repository.rescan();
  await repository.rescan();
  assert.equal(repository.models, before);
  assert.deepEqual(fixture.problems, ['the models folder cannot be scanned, its models stay as they were: ENOENT']);

  renameSync(`${fixture.directory}-away`, fixture.directory);
  await repository.rescan();
  assert.equal(repository.models, before);
  renameSync(fixture.directory, `${fixture.directory}-away`);
  await repository.rescan();
  assert.equal(fixture.problems.length, 2);
});

test('a folder that goes away while it is scanned takes no model with it', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const models = Array.from({ length: 40 }, (_, index) => `model-${index}`);
  for (const name of models) fixture.write(`${name}/1/model.onnx`);
  const entrance = `${fixture.directory}-entrance`;
  const enter = (): void => symlinkSync(fixture.directory, entrance);
  enter();
  context.after(() => rmSync(entrance));
  // What a scan does not see is gone at once where nobody scans by himself.
  const repository = fixture.repository({ directory: entrance, pollIntervalMs: 0 });
  await repository.rescan();
  for (let round = 0; round < 30; round++) {
    const scan = repository.rescan();
    // Each waits its turn among the scan's own.
    for (let turn = 0; turn < round; turn++) await stat(fixture.directory);
    rmSync(entrance);
    await scan;
    assert.deepEqual(
      [...repository.models.values()].filter(({ problem, versions }) => problem || !versions.length),
      [],
    );
    assert.equal(repository.models.size, models.length);
    enter();
  }
});
