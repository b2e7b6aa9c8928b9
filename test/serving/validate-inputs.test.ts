import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import type { Tensor } from '../../src/core/tensor.js';
import type { ModelSignature } from '../../src/core/tensor-spec.js';
import { validateInputs } from '../../src/serving/validate-inputs.js';
import { classifier, signature, spec } from './signatures.js';

const dynamic = { kind: 'dynamic', maxBatchSize: 8 } as const;
const zeros = (...shape: number[]): Tensor => ({
  dataType: 'FP32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

const validate = (
  inputs: Record<string, Tensor>,
  model: ModelSignature = classifier,
  batching: Batching = dynamic,
  outputs?: string[],
) =>
  validateInputs(
    { inputs: new Map(Object.entries(inputs)), ...(outputs && { outputs }) },
    { signature: model, batching, allOutputs: model.outputs.map(({ name }) => name) },
  );

const refusals: [string, () => unknown, RegExp][] = [
  [
    'an unknown input is named with the nearest one',
    () => validate({ xs: zeros(1, 4) }),
    /no input "xs"; did you mean "x"\?/,
  ],
  [
    'a missing input is named with what it takes',
    () => validate({}),
    /input "x" is missing: expected FP32\[batch, 4\]/,
  ],
  [
    'a wrong type',
    () => validate({ x: { dataType: 'INT64', shape: [1, 4], data: new BigInt64Array(4) } }),
    /expected type FP32.*INT64\[1, 4\]/,
  ],
  [
    'a wrong rank',
    () => validate({ x: zeros(4) }),
    /expected 2 dimensions, got 1.*FP32\[batch, 4\], for example FP32\[1, 4\]/,
  ],
  ['a wrong dimension', () => validate({ x: zeros(1, 5) }), /expected 4 in dimension 1, got 5/],
  [
    'data that does not fill its shape',
    () => validate({ x: { ...zeros(1, 4), shape: [2, 4] } }),
    /its shape takes 8 values, 4 were given/,
  ],
  ['an unknown output', () => validate({ x: zeros(1, 4) }, classifier, dynamic, ['z']), /no output "z"/],
  [
    'an output asked for twice',
    () => validate({ x: zeros(1, 4) }, classifier, dynamic, ['y', 'y']),
    /"y" is asked for twice/,
  ],
];

for (const [name, call, message] of refusals) {
  test(`${name} is refused`, () => assert.throws(call, { code: 'INVALID_ARGUMENT', message }));
}

test('equal names of dimensions must agree, and the error names both places', () => {
  const model = signature([spec('ids', ['batch', 'seq']), spec('mask', ['batch', 'seq'])], [spec('y', ['batch'])]);
  assert.throws(
    () => validate({ ids: zeros(1, 5), mask: zeros(1, 6) }, model),
    /dimension 1 \("seq"\) is 6, but dimension 1 of input "ids" is 5/,
  );
});

test('rows are counted along the batch axis', () => {
  assert.deepEqual([validate({ x: zeros(3, 4) }).rows, validate({ x: zeros(0, 4) }).rows], [3, 0]);
});

test('inputs of different length are left to the model, alone', () => {
  const model = signature([spec('a', ['n', 2]), spec('b', [null, 2])], [spec('y', [null])]);
  const valid = validate({ a: zeros(3, 2), b: zeros(1, 2) }, model);
  assert.equal(valid.mergeable, false);
});

test('a fixed batch takes any number of rows, a model without batch axis only its own shape', () => {
  const model = signature([spec('x', [8, 4])], [spec('y', [8])]);
  assert.equal(validate({ x: zeros(3, 4) }, model, { kind: 'fixed', rows: 8 }).rows, 3);
  assert.throws(
    () => validate({ x: zeros(3, 4) }, model, { kind: 'none', reason: '' }),
    /expected 8 in dimension 0, got 3/,
  );
});

test('an input with a default may be left out; setting a parameter makes the request run alone', () => {
  const model = signature([spec('x', ['n', 4]), spec('k', [], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.equal(validate({ x: zeros(2, 4) }, model).mergeable, true);
  assert.equal(validate({ x: zeros(2, 4), k: zeros() }, model).mergeable, false);
});

test('names like __proto__ are names like any other', () => {
  assert.throws(() => validate({ __proto__x: zeros(1) }), /no input/);
  assert.throws(
    () =>
      validateInputs(
        { inputs: new Map([['__proto__', zeros(1)]]) },
        { signature: classifier, batching: dynamic, allOutputs: ['y'] },
      ),
    /no input "__proto__"/,
  );
});

test('integers beyond the range of a narrow type are refused with their position', () => {
  const model = signature([spec('x', ['n'], 'INT8', { range: { min: -8n, max: 7n } })], [spec('y', ['n'])]);
  const x: Tensor = { dataType: 'INT8', shape: [2], data: Int8Array.of(7, 8) };
  assert.throws(() => validate({ x }, model), /input "x" at position 1: expected an integer from -8 to 7, got 8/);
});
