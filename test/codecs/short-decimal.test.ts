import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../src/codecs/json-document.js';
import { readTensor } from '../../src/codecs/json-tensor-reader.js';
import { shortDecimal } from '../../src/codecs/short-decimal.js';
import type { DataType } from '../../src/core/data-type.js';

const read = (token: string, dataType: DataType): number => {
  const bytes = Buffer.from(`x${token},`);
  return shortDecimal(bytes, 1, 1 + token.length, dataType);
};

/** The same token in an array of numbers, which goes another way. */
const inArray = (token: string, dataType: DataType): number => {
  const document = parseJson(Buffer.from(`[${token}]`));
  return readTensor(document, document.root, { subject: 'x', dataType }).data[0] as number;
};

const digits = (most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: most }).map((all) => all.join(''));
const decimals = fc
  .tuple(fc.constantFrom('', '-'), fc.nat({ max: 99_999_999 }), digits(8))
  .map(([sign, whole, rest]) => `${sign}${whole}${rest === '' ? '' : `.${rest}`}`);

for (const dataType of ['FP32', 'FP64'] as const) {
  test(`a short ${dataType} is what it is in an array`, () => {
    fc.assert(
      fc.property(decimals, (token) => {
        const value = read(token, dataType);
        const kept = dataType === 'FP32' ? Math.fround(value) : value;
        assert.ok(Number.isNaN(value) || Object.is(kept, inArray(token, dataType)), token);
      }),
      { numRuns: 20_000 },
    );
  });
}

test('what ends halfway between two floats is left to the exact way', () => {
  assert.ok(Number.isNaN(read('16777217', 'FP32')));
  assert.equal(read('16777218', 'FP32'), 16_777_218);
  assert.ok(Number.isNaN(read('33554434', 'FP32')));
  assert.equal(Math.fround(read('33554434.0000001', 'FP32')), 33_554_436);
});

test('integers stay within their type and have no point', () => {
  assert.deepEqual(
    ['-128', '127', '128', '1.0', '-0'].map((token) => read(token, 'INT8')),
    [-128, 127, Number.NaN, Number.NaN, -0],
  );
  assert.equal(read('4294967295', 'UINT32'), 4_294_967_295);
  assert.ok(Number.isNaN(read('-1', 'UINT32')));
});

test('long, scientific and named numbers and other types are for others', () => {
  for (const token of ['1e3', '1234567890123456', 'NaN', '-Infinity', '0.0000000000000001']) {
    assert.ok(Number.isNaN(read(token, 'FP64')), token);
  }
  for (const dataType of ['INT64', 'UINT64', 'FP16', 'BOOL', 'BYTES'] as const) {
    assert.ok(Number.isNaN(read('1', dataType)), dataType);
  }
});
