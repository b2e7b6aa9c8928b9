import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesPattern } from '../../src/access/api-keys.js';

const worlds: readonly [pattern: string, matching: readonly string[], others: readonly string[]][] = [
  ['iris', ['iris'], ['iri', 'iris2', 'Iris', '']],
  ['iris*', ['iris', 'iris-2'], ['iri', 'my-iris']],
  ['*iris', ['iris', 'my-iris'], ['iris-2']],
  ['*', ['', 'anything'], []],
  ['a*a', ['aa', 'aba'], ['a', 'ab']],
  ['a*b*c', ['abc', 'a-b-c', 'abcbc'], ['ac', 'acb', 'ab']],
  ['*b*', ['b', 'abc'], ['ac']],
  ['a**b', ['ab', 'axb'], ['a']],
  ['a.b', ['a.b'], ['axb']],
  ['[ab]', ['[ab]'], ['a']],
];

for (const [pattern, matching, others] of worlds) {
  test(`${pattern} stands for what it says`, () => {
    for (const name of matching) assert.ok(matchesPattern(name, pattern), name);
    for (const name of others) assert.ok(!matchesPattern(name, pattern), name);
  });
}
