import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SmallArrays } from '../../src/codecs/json-tensor-reader.js';
import { dataTypes } from '../../src/core/data-type.js';
import { allocate, type NumericData } from '../../src/core/tensor.js';

test('arrays of every type and size are zeroed and of the type', () => {
  const arrays = new SmallArrays();
  for (const dataType of dataTypes) {
    for (const length of [0, 1, 3, 500, 5000]) {
      assert.deepEqual(arrays.allocate(dataType, length), allocate(dataType, length));
    }
  }
});

test('no two arrays share an element, however many there are', () => {
  const arrays = new SmallArrays();
  const given = Array.from(
    { length: 20_000 },
    (_, i) => arrays.allocate(i % 2 ? 'UINT8' : 'FP64', i % 9) as NumericData,
  );
  for (const [i, array] of given.entries()) array.fill((i % 250) as never);
  for (const [i, array] of given.entries()) assert.ok(array.every((element) => element === i % 250));
});

test('small arrays lie side by side, large ones on their own', () => {
  const arrays = new SmallArrays();
  const [first, second, large] = [4, 4, 2000].map((length) => arrays.allocate('FP32', length) as NumericData);
  assert.equal(first?.buffer, second?.buffer);
  assert.notEqual(first?.buffer, large?.buffer);
});
