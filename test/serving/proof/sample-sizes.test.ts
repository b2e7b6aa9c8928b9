import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dimension } from '../../../src/core/tensor-spec.js';
import { sampleSizes } from '../../../src/serving/proof/sample-sizes.js';

const sizesOf = (shape: readonly Dimension[], freeSize: number, sizes?: Readonly<Record<string, number>>): number[] => {
  const sizeOf = sampleSizes([{ shape }], { freeSize, ...(sizes && { sizes: new Map(Object.entries(sizes)) }) });
  return shape.map(sizeOf);
};

test('every name has one size, and expressions what follows from it', () => {
  assert.deepEqual(sizesOf([2, null, 'a', 'b', 'a + b', '2*a', 'floor(a/2) + 1'], 4), [2, 4, 4, 4, 8, 8, 3]);
});

test('a settled name keeps its size, a past of length 0 too', () => {
  assert.deepEqual(sizesOf(['past', 'sequence', 'past + sequence'], 4, { past: 0 }), [0, 4, 4]);
});

test('a name gets another size where an expression of it would give none', () => {
  assert.deepEqual(sizesOf(['a', 'a - 4'], 1), [4, 0]);
  assert.deepEqual(sizesOf(['a', 'a/2'], 1), [2, 1]);
  assert.deepEqual(sizesOf(['a', 'a/2', 'a/3'], 1), [6, 3, 2]);
});

test('an expression that cannot be met is a free dimension, and the names stay as they were', () => {
  assert.deepEqual(sizesOf(['a', '0 - a - 1', 'a + 1'], 4), [4, 4, 5]);
  assert.deepEqual(sizesOf(['a', 'a - 4'], 2, { a: 3 }), [3, 2]);
});
