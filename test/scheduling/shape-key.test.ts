import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ModelSignature } from '../../src/core/tensor-spec.js';
import { mostSharedBytes, shapeKeyOf } from '../../src/scheduling/request-queue.js';

const floats = (name: string, shape: readonly number[], value = 0): NamedTensor => ({
  name,
  dataType: 'FP32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
});

const signatureOf = (...shapes: readonly (readonly (number | string | null)[] | null)[]): ModelSignature => ({
  inputs: shapes.map((shape, index) => ({ name: 'xk'[index] as string, dataType: 'FP32', shape })),
  outputs: [],
});

const batching: Batching = { kind: 'dynamic', maxBatchSize: 8 };
/** Only `x` has rows. */
const shared: Batching = { ...batching, axes: { inputs: new Map([['x', 0]]), outputs: new Map() } };

type Inputs = readonly NamedTensor[];
const worlds: [string, ModelSignature, Batching, Inputs, Inputs, boolean][] = [
  [
    'rows of another length wait apart',
    signatureOf([null, null]),
    batching,
    [floats('x', [1, 2])],
    [floats('x', [1, 3])],
    false,
  ],
  [
    'the number of rows does not matter',
    signatureOf([null, null]),
    batching,
    [floats('x', [1, 2])],
    [floats('x', [9, 2])],
    true,
  ],
  [
    'nor what is in them',
    signatureOf([null, null]),
    batching,
    [floats('x', [1, 2], 1)],
    [floats('x', [1, 2], 2)],
    true,
  ],
  [
    'rows of one shape need no comparing',
    signatureOf(['n', 2]),
    batching,
    [floats('x', [1, 2])],
    [floats('x', [3, 2])],
    true,
  ],
  [
    'rows of another rank wait apart',
    signatureOf(null),
    batching,
    [floats('x', [1, 2])],
    [floats('x', [1, 2, 1])],
    false,
  ],
  [
    'a row of no dimension is not one of length 1',
    signatureOf(null),
    batching,
    [floats('x', [1])],
    [floats('x', [1, 1])],
    false,
  ],
  ['other inputs are other requests', signatureOf(null, null), batching, [floats('x', [1])], [floats('k', [1])], false],
  [
    'an equal shared input',
    signatureOf(['n'], [1]),
    shared,
    [floats('x', [1]), floats('k', [1], 7)],
    [floats('x', [2]), floats('k', [1], 7)],
    true,
  ],
  [
    'another value of a shared input',
    signatureOf(['n'], [1]),
    shared,
    [floats('x', [1]), floats('k', [1], 7)],
    [floats('x', [2]), floats('k', [1], 8)],
    false,
  ],
  [
    'a large shared input is not compared',
    signatureOf(['n'], [65]),
    shared,
    [floats('x', [1]), floats('k', [65], 7)],
    [floats('x', [1]), floats('k', [65], 8)],
    true,
  ],
  [
    'one of 256 bytes is',
    signatureOf(['n'], [64]),
    shared,
    [floats('x', [1]), floats('k', [64], 7)],
    [floats('x', [1]), floats('k', [64], 8)],
    false,
  ],
];

for (const [name, signature, how, one, other, isEqual] of worlds) {
  test(`shape key: ${name}`, () => {
    const keyOf = shapeKeyOf(signature);
    assert.equal(keyOf({ inputs: one }, how) === keyOf({ inputs: other }, how), isEqual);
  });
}

test('shape key: shared texts are compared', () => {
  const keyOf = shapeKeyOf(signatureOf(['n'], [1]));
  const texts = (...data: string[]): Inputs => [floats('x', [1]), { name: 'k', dataType: 'BYTES', shape: [1], data }];
  assert.equal(keyOf({ inputs: texts('a') }, shared), keyOf({ inputs: texts('a') }, shared));
  assert.notEqual(keyOf({ inputs: texts('a') }, shared), keyOf({ inputs: texts('b') }, shared));
  assert.notEqual(keyOf({ inputs: texts('a,b') }, shared), keyOf({ inputs: texts('a', 'b') }, shared));
});

test('shape key: an optional input is looked at, whatever its shape', () => {
  const keyOf = shapeKeyOf({ inputs: [{ name: 'x', dataType: 'FP32', shape: ['n', 2], optional: true }], outputs: [] });
  assert.notEqual(keyOf({ inputs: [floats('x', [1, 2])] }, batching), keyOf({ inputs: [] }, batching));
});

test('shape key: rows that are found to lie elsewhere are compared anew', () => {
  const keyOf = shapeKeyOf(signatureOf([null, null]));
  const [one, other] = [[floats('x', [1, 2])], [floats('x', [1, 3])]];
  const second: Batching = { ...batching, axes: { inputs: new Map([['x', 1]]), outputs: new Map() } };
  assert.notEqual(keyOf({ inputs: one }, batching), keyOf({ inputs: other }, batching));
  assert.equal(keyOf({ inputs: one }, second), keyOf({ inputs: other }, second));
});

test('shape key: rows of one shape are not looked at', () => {
  assert.equal(shapeKeyOf(signatureOf(['n', 2]))({ inputs: [floats('x', [3, 2])] }, batching), '');
});

test('shape key: one input of a free shape is enough to keep rows apart', () => {
  const keyOf = shapeKeyOf(signatureOf(['n', 2], ['n', 'm']));
  const inputs = (width: number): Inputs => [floats('x', [1, 2]), floats('k', [1, width])];
  assert.notEqual(keyOf({ inputs: inputs(1) }, batching), keyOf({ inputs: inputs(2) }, batching));
});

test('shape key: shared numbers are compared by their bytes, whatever lies beside them in memory', () => {
  const keyOf = shapeKeyOf(signatureOf(['n'], [1]));
  const memory = BigInt64Array.of(5n, 6n, 5n);
  const key = (at: number): string => {
    const data = memory.subarray(at, at + 1);
    return keyOf({ inputs: [floats('x', [1]), { name: 'k', dataType: 'INT64', shape: [1], data }] }, shared);
  };
  assert.equal(key(0), key(2));
  assert.notEqual(key(0), key(1));
});

test('shape key: what is compared is what requests are told of', () => assert.equal(mostSharedBytes, 256));
