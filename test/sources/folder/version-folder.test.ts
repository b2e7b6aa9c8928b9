import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFolderEntry } from '../../../src/sources/folder/folder-entries.js';
import { readVersionFolder } from '../../../src/sources/folder/version-folder.js';
import { ModelFolderFixture } from './model-folder-fixture.js';

const longAgo = new Date('2020-01-01');

/** What a scan sees of a version that changes after the scan began. */
async function seenAfter(change: (fixture: ModelFolderFixture) => void, fixture: ModelFolderFixture) {
  fixture.write('a/1/model.onnx');
  fixture.write('a/1/parts/weights');
  for (const name of ['a/1/model.onnx', 'a/1/parts/weights', 'a/1/parts', 'a/1']) fixture.date(name, longAgo);
  const folder = await readFolderEntry(fixture.path('a/1'));
  change(fixture);
  return readVersionFolder({ folder, name: '' }, { root: fixture.directory, others: [] });
}

test('a version that vanishes while it is scanned has just changed', async (context) => {
  const seen = await seenAfter((fixture) => fixture.remove('a/1'), new ModelFolderFixture(context));
  assert.equal(seen.changedAtMs, Number.POSITIVE_INFINITY);
});

test('a version whose files vanish while it is scanned has just changed', async (context) => {
  const before = Date.now() - 1000;
  const atTop = await seenAfter((fixture) => fixture.remove('a/1/model.onnx'), new ModelFolderFixture(context));
  assert.ok(atTop.changedAtMs > before);
  const below = await seenAfter((fixture) => fixture.remove('a/1/parts/weights'), new ModelFolderFixture(context));
  assert.ok(below.changedAtMs > before);
});

test('a version that nobody touches is as old as its files', async (context) => {
  const seen = await seenAfter(() => undefined, new ModelFolderFixture(context));
  assert.equal(seen.changedAtMs, longAgo.getTime());
});
