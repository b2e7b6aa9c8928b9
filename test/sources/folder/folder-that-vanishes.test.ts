import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ModelFolderFixture } from './model-folder-fixture.js';

test('a folder that vanishes, or whose place is empty like that of a mount that is gone, leaves the models as they were', async (context) => {
  for (const modelName of [undefined, 'only']) {
    const fixture = new ModelFolderFixture(context);
    const directory = join(fixture.directory, 'models');
    fixture.write(modelName === undefined ? 'models/a/1/model.onnx' : 'models/1/model.onnx');
    const repository = fixture.repository({ directory, modelName });
    await fixture.later(repository, 60_000);
    const names = [modelName ?? 'a'];
    const check = (): void => {
      assert.deepEqual([...repository.models.keys()], names);
      assert.equal(repository.models.get(names[0] as string)?.versions.length, 1);
      assert.equal(fixture.changes, 1);
    };
    check();
    renameSync(directory, `${directory}-away`);
    for (let scan = 0; scan < 4; scan++) await fixture.later(repository, 60_000);
    check();
    assert.equal(repository.problem, 'ENOENT');
    mkdirSync(directory);
    for (let scan = 0; scan < 4; scan++) await fixture.later(repository, 60_000);
    check();
    assert.match(repository.problem ?? '', /another folder is in its place, and it is empty/);
    assert.equal(await repository.untilStable('a'), false);
    assert.equal(fixture.problems.length, 2, fixture.problems.join('\n'));
    rmSync(directory, { recursive: true });
    renameSync(`${directory}-away`, directory);
    await fixture.later(repository);
    check();
    assert.equal(repository.problem, undefined);
    assert.deepEqual(fixture.notes, ['the models folder can be scanned again']);
  }
});

test('models that are deleted from a folder that stays are deleted', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository();
  await fixture.later(repository, 60_000);
  fixture.remove('a');
  for (let scan = 0; scan < 3; scan++) await fixture.later(repository, 60_000);
  assert.equal(repository.models.size, 0);
});

test('a folder that comes later is looked for until it is there', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const directory = join(fixture.directory, 'late');
  await assert.rejects(fixture.repository({ directory }).start(), { code: 'ENOENT' });
  const repository = fixture.repository({ directory, mayComeLater: true, pollIntervalMs: 0, now: Date.now });
  context.after(() => repository.stop());
  // The polls alone do not keep a process alive.
  const keepAlive = setInterval(() => undefined, 1000);
  context.after(() => clearInterval(keepAlive));
  await repository.start();
  assert.equal(repository.hasBeenRead, false);
  const changed = new Promise<void>((resolve) => repository.onChange(resolve));
  fixture.write('elsewhere/a/1/model.onnx');
  symlinkSync('elsewhere', directory);
  await changed;
  assert.deepEqual([...repository.models.keys()], ['a']);
  assert.equal(repository.hasBeenRead, true);
});

test('who waits until a model is stable gets it as it lies there now', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const repository = fixture.repository({ now: Date.now });
  fixture.write('a/1/model.onnx');
  assert.equal(await repository.untilStable('a'), true);
  assert.equal(repository.models.get('a')?.versions.length, 1);
  const before = repository.models.get('a')?.versions[0]?.fingerprint;
  fixture.write('a/1/model.onnx', 'another');
  assert.equal(await repository.untilStable('a'), true);
  assert.notEqual(repository.models.get('a')?.versions[0]?.fingerprint, before);
  assert.equal(await repository.untilStable('nobody'), true);
});
