import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../src/codecs/base64.js';

test('bytes survive the way there and back, padded or not, in either alphabet', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString('base64'));
      for (const form of [text, text.replace(/=+$/, ''), Buffer.from(bytes).toString('base64url')]) {
        assert.deepEqual(new Uint8Array(decodeBase64(form, 'x')), bytes);
      }
    }),
  );
});

test('a view is encoded, not the memory around it', () => {
  assert.equal(encodeBase64(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), 'AgM=');
});

test('anything else is refused with the subject', () => {
  const wrong = [
    'A',
    'AAAAA',
    'AA=',
    'AA===',
    'A===',
    '=',
    'AA AA',
    'AAAA\n',
    'AA-+é',
    'A=AA',
    '====',
    'AAAA=',
    '%%%%',
    'AAA*',
  ];
  for (const text of wrong) {
    assert.throws(
      () => decodeBase64(text, 'input "x" at [3]'),
      /^ServingError: input "x" at \[3\]: "b64" is not valid base64/,
      text,
    );
  }
});
