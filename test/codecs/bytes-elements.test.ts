import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBytesElements, encodeBytesElements } from '../../src/codecs/bytes-elements.js';

const bytesOf = (...elements: (string | number[])[]): Buffer =>
  Buffer.concat(
    elements.flatMap((element) => {
      const bytes = Buffer.from(element as string);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );

test('elements are a length of four bytes, little-endian, and the text', () => {
  assert.deepEqual(encodeBytesElements(['ab', '', 'é']), bytesOf('ab', '', 'é'));
  assert.deepEqual(encodeBytesElements(['ab']), Buffer.from([2, 0, 0, 0, 0x61, 0x62]));
});

test('any strings survive the way there and back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (elements) => {
      fc.pre(!elements.join('').includes('\0'));
      assert.deepEqual(decodeBytesElements(encodeBytesElements(elements), 'x'), elements);
    }),
  );
});

test('elements are found in the middle of other memory', () => {
  const memory = Buffer.concat([Buffer.alloc(3), bytesOf('a', 'bc'), Buffer.alloc(5)]);
  assert.deepEqual(decodeBytesElements(memory.subarray(3, -5), 'x'), ['a', 'bc']);
});

test('broken elements are refused with their index', () => {
  const cases: [Buffer, string][] = [
    [Buffer.concat([bytesOf('a'), Buffer.from([1, 0])]), ' at [1]: expected a 4-byte length, 2 bytes are left'],
    [Buffer.from([5, 0, 0, 0, 0x61]), ' at [0]: its length says 5 bytes, 1 are left'],
    [Buffer.from([255, 255, 255, 255, 0x61]), ' at [0]: its length says 4294967295 bytes, 1 are left'],
    [bytesOf('a', [0xff]), ' at [1]: the bytes are not valid UTF-8, and string elements must be'],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => decodeBytesElements(bytes, 'input "x"'), {
      code: 'INVALID_ARGUMENT',
      message: `input "x"${message}`,
    });
  }
});
