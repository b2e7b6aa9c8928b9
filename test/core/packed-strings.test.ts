import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeStrings,
  isPacked,
  packedBytes,
  plainStrings,
  readStrings,
  sliceStrings,
} from '../../src/core/packed-strings.js';

const texts = Array.from({ length: 10_000 }, (_, at) => ['', `plain ${at}`, 'naïve', '日本', '🙂'][at % 5] as string);
const packed = (): readonly string[] => readStrings(encodeStrings([texts]), texts.length);

test('many strings stay packed until one is looked at, and are an array like any other', () => {
  const strings = packed();
  assert.ok(isPacked(strings));
  assert.ok(Array.isArray(strings));
  assert.equal(strings.length, 10_000);
  assert.equal(packedBytes(strings), encodeStrings([texts]).length);
  assert.equal(strings[9_996], 'plain 9996');
  assert.deepEqual(packed(), texts);
  assert.deepEqual([...packed()], texts);
  assert.deepEqual(packed().flat(), texts);
  assert.deepEqual(['x'].concat(packed()), ['x', ...texts]);
  assert.equal(JSON.stringify(packed()), JSON.stringify(texts));
  assert.equal(plainStrings(strings), plainStrings(strings));
});

test('few strings are an ordinary array', () => {
  assert.equal(isPacked(readStrings(encodeStrings([['a', 'ä']]), 2)), false);
});

for (const [from, to] of [
  [0, 10_000],
  [1, 9_999],
  [3, 8],
  [5_000, 5_000],
  [9_999, 10_000],
] as const) {
  test(`elements ${from} to ${to} of packed strings`, () => {
    assert.deepEqual([...sliceStrings(packed(), from, to)], texts.slice(from, to));
    const seen = packed();
    assert.equal(seen[0], '');
    assert.deepEqual([...sliceStrings(seen, from, to)], texts.slice(from, to));
  });
}

test('packed strings and others are joined in their order, and alone they are not copied', () => {
  const joined = encodeStrings([packed(), ['between', '🙂'], packed()]);
  assert.deepEqual([...readStrings(joined, 20_002)], [...texts, 'between', '🙂', ...texts]);
  const strings = packed();
  assert.equal(encodeStrings([strings]), encodeStrings([strings]));
});
