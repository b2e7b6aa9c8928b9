import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../src/core/nearest-name.js';

const names = ['iris', 'digits', 'diabetes', 'greeting-language'];

const table: [typed: string, meant: string | undefined][] = [
  ['irsi', 'iris'],
  ['IRIS', 'iris'],
  ['digit', 'digits'],
  ['diabtes', 'diabetes'],
  ['greeting_language', 'greeting-language'],
  ['resnet', undefined],
  ['', undefined],
  ['i', undefined],
  ['x'.repeat(100_000), undefined],
];

for (const [typed, meant] of table) {
  test(`"${typed.slice(0, 20)}" is ${meant === undefined ? 'near nothing' : `taken for ${meant}`}`, () => {
    assert.equal(nearestName(typed, names), meant);
  });
}

test('the nearest of several candidates wins', () => {
  assert.equal(nearestName('input_2', ['input_1', 'input_20', 'INPUT_2']), 'INPUT_2');
});
