import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFolderEntry } from '../../src/repository/folder-entries.js';
import { readModelFolder } from '../../src/repository/read-model-folder.js';
import { ModelFolderFixture } from './model-folder-fixture.js';

const looks = 300;

test('a look at a model whose versions take turns always sees one: there is one at every moment', async (context) => {
  const fixture = new ModelFolderFixture(context);
  fixture.write('a/1/model.onnx');
  for (let look = 1; look <= looks; look++) {
    const folder = await readFolderEntry(fixture.path('a'));
    const seeing = readModelFolder('a', folder, fixture.directory);
    // While the look is under way: between its listing the folder and its reading what it listed, as often as not.
    for (let step = 0; step < look % 4; step++) await new Promise((resolve) => setImmediate(resolve));
    fixture.write(`a/${look + 1}/model.onnx`);
    fixture.remove(`a/${look}`);
    const { versions, content } = await seeing;
    const told = `look ${look}: ${[...versions].map(([version, seen]) => `${version} ${JSON.stringify(seen)}`)}`;
    assert.ok(
      [...versions.values()].some((seen) => 'content' in seen && 'modelPath' in seen.content),
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
  const { changedAtMs } = await readModelFolder('a', folder, fixture.directory);
  assert.equal(changedAtMs, Number.POSITIVE_INFINITY);
});
