import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../tools/project-root.js';
import { ModelFolderFixture } from './model-folder-fixture.js';

test('the start finds what has lain still', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  fixture.nowMs += 60_000;
  const repository = fixture.repository({ pollIntervalMs: 0 });
  await repository.start();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
  assert.equal(fixture.changes, 1);
});

test('the shipped models are found without a problem', async (context) => {
  const fixture = new ModelFolderFixture(context);
  const repository = fixture.repository({ directory: join(projectRoot(), 'models'), pollIntervalMs: 0 });
  await repository.start();
  assert.ok(repository.models.size >= 4);
  for (const { name, problem, versions } of repository.models.values()) {
    assert.equal(problem, undefined, name);
    assert.ok(versions.length > 0, name);
  }
  assert.deepEqual(fixture.problems, []);
});

test('the start waits a moment for what was just written, as a container that has just been filled', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository({ pollIntervalMs: 60_000, now: Date.now });
  await repository.start();
  repository.stop();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx' });
});

test('without polls, what lies there when asked for is taken as complete', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository({ pollIntervalMs: 0 });
  await repository.start();
  fixture.write('b.onnx');
  await repository.rescan();
  assert.deepEqual(fixture.summary(repository), { a: '1=a/1/model.onnx', b: '1=b.onnx' });
});

test('the start fails where the folder cannot be read', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.remove('.');
  await assert.rejects(fixture.repository().start(), { code: 'ENOENT' });
});

test('polls find changes by themselves until stopped', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const repository = fixture.repository({ pollIntervalMs: 1, now: () => Date.now() + 60_000 });
  const events = new EventEmitter();
  repository.onChange(() => events.emit('change'));
  // The polls alone do not keep a process alive.
  const keepAlive = setInterval(() => undefined, 1000);
  context.after(() => clearInterval(keepAlive));
  await repository.start();
  const changed = once(events, 'change');
  fixture.write('b.onnx');
  await changed;
  assert.deepEqual([...repository.models.keys()], ['a', 'b']);

  repository.stop();
  fixture.write('c.onnx');
  const { changes } = fixture;
  await repository.rescan();
  assert.equal(fixture.changes, changes);
});

test('who asks while a scan is under way waits for one that begins after the asking', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  let scans = 0;
  const repository = fixture.repository({ pollIntervalMs: 0, now: () => ++scans });
  const underWay = repository.rescan();
  await Promise.resolve();
  assert.equal(scans, 1);
  fixture.write('b.onnx');
  await Promise.all([repository.rescan(), repository.rescan()]);
  assert.deepEqual([...repository.models.keys()], ['a', 'b']);
  assert.equal(scans, 2);
  await underWay;
});

test('a start that is not waited for goes on, and what lies there is known once it is over', async (context) => {
  const fixture = new ModelFolderFixture(context);
  for (let model = 0; model < 50; model++) fixture.write(`model-${model}/1/model.onnx`);
  fixture.nowMs += 60_000;
  const repository = fixture.repository();
  context.after(() => repository.stop());
  await repository.start(0);
  assert.equal(repository.isOpening, true);
  assert.equal(repository.hasBeenRead, false);
  await repository.opened;
  assert.equal(repository.isOpening, false);
  assert.equal(repository.hasBeenRead, true);
  assert.equal(repository.models.size, 50);
});
