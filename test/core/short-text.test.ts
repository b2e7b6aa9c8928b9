import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServingError } from '../../src/core/serving-error.js';
import { shortText, shownValue } from '../../src/core/short-text.js';

test('a text is shown whole up to its limit, and cut without halving a character', () => {
  assert.equal(shortText('a'.repeat(80)), 'a'.repeat(80));
  assert.equal(shortText('a'.repeat(81)), `${'a'.repeat(79)}…`);
  assert.equal(shortText('aa😀aa', 4), 'aa…');
});

test('a value is shown as JSON, however much it is', () => {
  const cases: [unknown, string][] = [
    ['a"b', '"a\\"b"'],
    [1.5, '1.5'],
    [null, 'null'],
    [undefined, 'nothing'],
    [[1, 'x', [2], { a: 1 }, true], '[1,"x",[…],{…},true]'],
    [Array.from({ length: 1e6 }, (_, index) => index), '[0,1,2,3,4,5,6,7,…]'],
    [{ a: 'x'.repeat(1e6) }, '{…}'],
  ];
  for (const [value, text] of cases) assert.equal(shownValue(value), text);
  assert.ok(shownValue(Array(1e5).fill('x'.repeat(1e5))).length < 300);
});

test('no message of a failure is longer than anybody reads', () => {
  const { message } = new ServingError('INVALID_ARGUMENT', 'x'.repeat(45_000_000));
  assert.equal(message.length, 2000);
});
