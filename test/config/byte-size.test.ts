import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatByteSize, parseByteSize } from '../../src/config/byte-size.js';

const sizes: readonly [text: string, bytes: number | undefined][] = [
  ['0', 0],
  ['65536', 65_536],
  ['12B', 12],
  ['64MiB', 64 * 2 ** 20],
  ['64Mi', 64 * 2 ** 20],
  ['64mib', 64 * 2 ** 20],
  ['64MB', 64e6],
  ['64 M', 64e6],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2TiB', 2 * 2 ** 40],
  ['', undefined],
  ['MiB', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['1.MiB', undefined],
  ['64Mb/s', undefined],
  ['iB', undefined],
];

for (const [text, bytes] of sizes) {
  test(`"${text}" is ${bytes === undefined ? 'no size' : `${bytes} bytes`}`, () => {
    assert.equal(parseByteSize(text), bytes);
  });
}

test('sizes are written in the largest unit that leaves a whole number', () => {
  assert.deepEqual([0, 1, 1023, 1024, 1536, 64 * 2 ** 20, 2 ** 50].map(formatByteSize), [
    '0',
    '1',
    '1023',
    '1KiB',
    '1536',
    '64MiB',
    '1024TiB',
  ]);
});

test('what is written reads back as the same size', () => {
  for (const bytes of [1, 1024, 1500, 2 ** 31, 3 * 2 ** 40]) assert.equal(parseByteSize(formatByteSize(bytes)), bytes);
});
