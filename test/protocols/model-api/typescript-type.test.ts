import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataType } from '../../../src/core/data-type.js';
import type { Dimension, TensorSpec } from '../../../src/core/tensor-spec.js';
import { type Direction, tensorSchema } from '../../../src/protocols/model-api/tensor-schema.js';
import { typescriptType } from '../../../src/protocols/model-api/typescript-type.js';

const spec = (dataType: DataType, shape: readonly Dimension[] | null, more: Partial<TensorSpec> = {}): TensorSpec => ({
  name: 'x',
  dataType,
  shape,
  ...more,
});
const labels = { classLabels: ['cat', 'dog'] };

const cases: readonly [string, TensorSpec, Direction, axis: number | undefined, type: string][] = [
  [
    'a whole tensor',
    spec('FP32', ['batch', 4]),
    'sent',
    undefined,
    'readonly (readonly [number, number, number, number])[]',
  ],
  ['a row along axis 0', spec('FP32', ['batch', 4]), 'sent', 0, 'readonly [number, number, number, number]'],
  ['a row along axis 1', spec('INT32', [2, 'batch', null]), 'sent', 1, 'readonly (readonly number[])[]'],
  ['a row that is one value', spec('BOOL', ['batch']), 'answered', 0, 'boolean'],
  ['many values', spec('FP32', ['batch', 512]), 'answered', 0, 'readonly number[]'],
  ['an unknown rank', spec('FP32', null), 'sent', undefined, 'unknown'],
  ['texts that are sent', spec('BYTES', ['n']), 'sent', 0, 'string | { readonly "b64": string }'],
  ['texts that are answered', spec('BYTES', ['n']), 'answered', 0, 'string'],
  [
    'bytes that are answered',
    spec('BYTES', ['n'], { name: 'jpeg_bytes' }),
    'answered',
    0,
    '{ readonly "b64": string }',
  ],
  ['long integers that are sent', spec('INT64', ['n']), 'sent', 0, 'number | string'],
  ['long integers that are answered', spec('INT64', ['n']), 'answered', 0, 'number'],
  [
    'a map that is sent, of which labels may be left out',
    spec('FP32', ['n', 2], { ...labels, isMap: true }),
    'sent',
    0,
    '{ readonly "cat"?: number; readonly "dog"?: number }',
  ],
  [
    'a map that is answered, whole',
    spec('FP32', ['n', 2], { ...labels, isMap: true }),
    'answered',
    undefined,
    'readonly ({ readonly "cat": number; readonly "dog": number })[]',
  ],
  ['texts that are JSON themselves', spec('BYTES', ['n'], { content: 'json' }), 'answered', 0, 'unknown'],
];

for (const [what, tensor, direction, axis, type] of cases) {
  test(`the type of ${what}`, () => {
    assert.equal(typescriptType(tensorSchema(tensor, direction, axis)), type);
  });
}

test('a schema says what a type cannot: ranges, sizes, labels, that NaN is null', () => {
  assert.deepEqual(tensorSchema(spec('UINT8', ['n', 2]), 'sent', 0), {
    type: 'array',
    items: { type: 'integer', minimum: 0, maximum: 255 },
    minItems: 2,
    maxItems: 2,
  });
  assert.deepEqual(tensorSchema(spec('FP32', ['n', 2], { ...labels, description: 'How sure it is.' }), 'answered', 0), {
    type: 'array',
    items: { type: ['number', 'null'] },
    minItems: 2,
    maxItems: 2,
    'x-class-labels': ['cat', 'dog'],
    description: 'How sure it is.',
  });
});
