import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFolderEntry } from '../../../src/sources/folder/folder-entries.js';
import { readModelFolder } from '../../../src/sources/folder/model-folder.js';
import { ModelFolderFixture } from './model-folder-fixture.js';

const scans = 300;

test('a scan of a model whose versions take turns always sees one: there is one at every moment', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  for (let scan = 1; scan <= scans; scan++) {
    const folder = await readFolderEntry(fixture.path('a'));
    const seeing = readModelFolder('a', folder, { root: fixture.directory, others: [] });
    // While the scan is under way: between its listing the folder and its reading what it listed, as often as not.
    for (let step = 0; step < scan % 4; step++) await new Promise((resolve) => setImmediate(resolve));
    fixture.write(`a/${scan + 1}/model.onnx`);
    fixture.remove(`a/${scan}`);
    const { versions, content } = await seeing;
    const told = `scan ${scan}: ${[...versions].map(([version, seen]) => `${version} ${JSON.stringify(seen)}`)}`;
    assert.ok(
      [...versions.values()].some(
        (seen) => 'content' in seen && 'modelFiles' in seen.content && seen.content.modelFiles.size > 0,
      ),
      told,
    );
    assert.deepEqual(content.problems, []);
  }
});

test('a model whose folder vanishes meanwhile has just changed', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  const folder = await readFolderEntry(fixture.path('a'));
  fixture.remove('a');
  const { changedAtMs } = await readModelFolder('a', folder, { root: fixture.directory, others: [] });
  assert.equal(changedAtMs, Number.POSITIVE_INFINITY);
});
