import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNames } from '../../src/onnx/labels/property-labels.js';
import { Workbench } from './prepared.js';

const workbench = new Workbench();

test('labels that the graph picks from by position name the columns of the scores', async () => {
  const { signature } = await workbench.prepare('labels_in_graph');
  assert.deepEqual(
    signature.outputs.map(({ name, classLabels }) => [name, classLabels]),
    [
      ['label', undefined],
      ['scores', ['red', 'green', 'blue']],
    ],
  );
});

test('class and feature names in the properties name columns', async () => {
  const { signature } = await workbench.prepare('labels_in_properties');
  assert.deepEqual(signature.outputs[0]?.classLabels, ['cat', "dog's"]);
  assert.deepEqual(signature.inputs[0]?.classLabels, ['length', 'weight']);
});

const spellings: readonly [string, string, readonly string[]][] = [
  ['a JSON list', '["a", "b, c"]', ['a', 'b, c']],
  ['a Python tuple', "('a', 'b')", ['a', 'b']],
  ['a Python dictionary', "{0: 'a', 1: 'it\\'s', 2: \"c\"}", ['a', "it's", 'c']],
  ['a JSON object, out of order', '{"1": "b", "0": "a"}', ['a', 'b']],
  ['lines', 'a\nb', ['a', 'b']],
  ['commas', 'a, b', ['a', 'b']],
  ['keys that are not positions', "{7: 'a'}", []],
];

for (const [name, text, names] of spellings) {
  test(`names are read from ${name}`, () => assert.deepEqual(parseNames(text), names));
}
