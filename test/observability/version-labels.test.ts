import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VersionLabels } from '../../src/observability/version-labels.js';

test('labels stay the same objects for as long as they are asked for', () => {
  const labels = new VersionLabels();
  const kept = labels.of('iris', '1');
  const left = labels.of('iris', '1', 'LOADING');
  assert.deepEqual(
    [labels.of('iris'), kept, left],
    [{ model: 'iris' }, { model: 'iris', version: '1' }, { model: 'iris', version: '1', state: 'LOADING' }],
  );
  for (let page = 0; page < 3; page++) {
    labels.sweep();
    assert.equal(labels.of('iris', '1'), kept);
  }
  assert.notEqual(labels.of('iris', '1', 'LOADING'), left, 'what no page has any more is forgotten');
  assert.notDeepEqual(labels.of('1/iris'), labels.of('iris', '1'));
});
