import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batching } from '../../src/core/model.js';
import { encodeStrings, readStrings } from '../../src/core/packed-strings.js';
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

const strings = (data: readonly string[], ...shape: number[]): Tensor => ({ dataType: 'BYTES', shape, data });
const texts: ModelSignature = { inputs: [spec('text', [null, 2], 'BYTES')], outputs: [] };
const many = (text: string): readonly string[] => {
  const all = new Array<string>(10_000).fill('a');
  all[9_999] = text;
  return readStrings(encodeStrings([all]), all.length);
};

/** What is told of two sizes of one name. */
const differing = (input: string, axis: number, size: number, other: string, at: number, first: number, name: string) =>
  `dimension ${axis} of input "${input}" is ${size}, but dimension ${at} of input "${other}" is ${first}, and the model calls both "${name}"`;

const rejections: [string, () => unknown, RegExp][] = [
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
    'a NUL, at which the engine would cut the string',
    () => validate({ text: strings(['a', 'b', 'c\0d', 'e'], 2, 2) }, texts),
    /^input "text" at \[1, 0\]: the string holds a NUL character, which the engine cannot take$/,
  ],
  [
    'a NUL in packed strings',
    () => validate({ text: strings(many('\0'), 5_000, 2) }, texts),
    /^input "text" at \[4999, 1\]: the string holds a NUL character, which the engine cannot take$/,
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

for (const [name, call, message] of rejections) {
  test(`${name} is refused`, () => assert.throws(call, { code: 'INVALID_ARGUMENT', message }));
}

test('sizes of one name that differ are left to the model, alone, and both places are told', () => {
  const model = signature([spec('ids', ['batch', 'seq']), spec('mask', ['batch', 'seq'])], [spec('y', ['batch'])]);
  const valid = validate({ ids: zeros(1, 5), mask: zeros(1, 6) }, model);
  assert.deepEqual([valid.mergeable, valid.disagreement], [false, differing('mask', 1, 6, 'ids', 1, 5, 'seq')]);
  const square = signature([spec('x', ['n', 'side', 'side', 'side'])], [spec('y', ['n'])]);
  assert.equal(
    validate({ x: zeros(1, 2, 3, 4) }, square).disagreement,
    differing('x', 2, 3, 'x', 1, 2, 'side'),
    'the first of several',
  );
  const alike = validate({ ids: zeros(1, 5), mask: zeros(1, 5) }, model);
  assert.deepEqual([alike.mergeable, alike.disagreement], [true, undefined]);
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

const state = signature(
  [spec('x', ['time', 'batch', 3]), spec('h', [2, 'batch', 4])],
  [spec('y', ['time', 'batch', 4])],
);
const alongSecond = { inputs: new Map(Object.entries({ x: 1, h: 1 })), outputs: new Map([['y', 1]]) };

test('rows are counted along the axis that they lie along, in every input', () => {
  const batching: Batching = { ...dynamic, axes: alongSecond };
  const { rows, mergeable } = validate({ x: zeros(5, 2, 3), h: zeros(2, 2, 4) }, state, batching);
  assert.deepEqual([rows, mergeable], [2, true]);
  const unequal = validate({ x: zeros(5, 2, 3), h: zeros(2, 3, 4) }, state, batching);
  assert.deepEqual([unequal.mergeable, unequal.disagreement], [false, differing('h', 1, 3, 'x', 1, 2, 'batch')]);
});

test('an input that all rows share is no row, and large ones make a request run alone', () => {
  const model = signature([spec('x', ['n', 4]), spec('table', [null])], [spec('y', ['n'])]);
  const batching: Batching = { ...dynamic, axes: { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) } };
  const small = validate({ x: zeros(3, 4), table: zeros(64) }, model, batching);
  assert.deepEqual([small.rows, small.mergeable], [3, true]);
  assert.equal(validate({ x: zeros(3, 4), table: zeros(65) }, model, batching).mergeable, false);
});

test('a request for an output that has no rows runs alone', () => {
  const model = signature([spec('x', ['n', 4])], [spec('y', ['n']), spec('mean', [])]);
  const batching: Batching = { ...dynamic, axes: { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) } };
  assert.equal(validate({ x: zeros(3, 4) }, model, batching).mergeable, false);
  assert.equal(validate({ x: zeros(3, 4) }, model, batching, ['y']).mergeable, true);
});

test('rows may be told apart where they must not share a run, if asked for and known', () => {
  const asked = (batching: Batching) =>
    validateInputs(
      {
        inputs: new Map([
          ['x', zeros(5, 2, 3)],
          ['h', zeros(2, 2, 4)],
        ]),
        separateRows: { axes: alongSecond },
      },
      { signature: state, batching, allOutputs: ['y'] },
    );
  const { rows, mergeable, separate } = asked({ kind: 'none', reason: '', axes: alongSecond });
  assert.deepEqual([rows, mergeable, separate], [2, false, true]);
  assert.throws(() => asked({ kind: 'none', reason: '' }), { code: 'UNAVAILABLE', message: /send the request again/ });
  const whole = validate({ x: zeros(5, 2, 3), h: zeros(2, 2, 4) }, state, {
    kind: 'none',
    reason: '',
    axes: alongSecond,
  });
  assert.deepEqual([whole.rows, whole.separate], [1, false]);
});

test('what is valid is given on in the order of the signature, with the outputs that were asked for', () => {
  const model = signature(
    [spec('a', ['n']), spec('b', ['n']), spec('k', [], 'FP32', { optional: true })],
    [spec('y', ['n']), spec('z', ['n'])],
  );
  const [a, b] = [zeros(2), zeros(2)];
  const valid = validate({ b, a }, model);
  assert.deepEqual(valid, {
    inputs: [
      { name: 'a', ...a },
      { name: 'b', ...b },
    ],
    outputs: ['y', 'z'],
    rows: 2,
    mergeable: true,
    separate: false,
    disagreement: undefined,
  });
  assert.deepEqual(validate({ b, a }, model, dynamic, ['z', 'y']).outputs, ['z', 'y']);
});

test('an unknown name that is like none is answered with all there are', () => {
  assert.throws(() => validate({ weight: zeros(1) }), {
    message: 'the model has no input "weight"; its inputs are "x"',
  });
  assert.throws(() => validate({ x: zeros(1, 4) }, classifier, dynamic, ['probabilities']), {
    message: 'the model has no output "probabilities"; its outputs are "y"',
  });
  assert.throws(
    () => validate({ x: zeros(1, 4) }, signature([spec('x', [null, 4])], [spec('label', [null])]), dynamic, ['labels']),
    {
      message: 'the model has no output "labels"; did you mean "label"?',
    },
  );
});

test('an input of any rank takes any shape that its values fill', () => {
  const model = signature([spec('x', null)], [spec('y', null)]);
  assert.deepEqual([validate({ x: zeros(3, 5) }, model).rows, validate({ x: zeros(2) }, model).rows], [3, 2]);
  // No axis, no rows.
  const scalar = validate({ x: zeros() }, model);
  assert.deepEqual([scalar.rows, scalar.mergeable], [1, false]);
  assert.throws(() => validate({ x: { ...zeros(2), shape: [3] } }, model), {
    message: 'input "x": its shape takes 3 values, 2 were given; the model takes FP32[…], the request has FP32[3]',
  });
});

test('integers within the range of a narrow type pass, its ends included', () => {
  const model = signature([spec('x', ['n'], 'INT8', { range: { min: -8n, max: 7n } })], [spec('y', ['n'])]);
  const of = (...values: number[]): Tensor => ({
    dataType: 'INT8',
    shape: [values.length],
    data: Int8Array.from(values),
  });
  assert.equal(validate({ x: of(-8, 0, 7) }, model).rows, 3);
  assert.throws(() => validate({ x: of(-9, 0) }, model), /position 0: expected an integer from -8 to 7, got -9/);
});

test('a free first axis is left to the scheduler where it leads everywhere, and looked at where rows lie elsewhere', () => {
  const model = signature([spec('a', ['n', 2]), spec('b', ['n', 2])], [spec('y', ['n'])]);
  const led = validate({ a: zeros(3, 2), b: zeros(1, 2) }, model);
  assert.deepEqual([led.mergeable, led.disagreement], [false, undefined]);
  const alone: Batching = { kind: 'none', reason: '' };
  const told = differing('b', 0, 1, 'a', 0, 3, 'n');
  assert.equal(validate({ a: zeros(3, 2), b: zeros(1, 2) }, model, alone).disagreement, told);
  const named: Batching = { ...dynamic, axes: { inputs: new Map([['a', 0]]), outputs: new Map([['y', 0]]) } };
  const unled = validate({ a: zeros(3, 2), b: zeros(1, 2) }, model, named);
  assert.deepEqual([unled.mergeable, unled.disagreement], [false, told]);
});

test('a model that no rows are known of takes a request as one thing', () => {
  const valid = validate({ x: zeros(3, 4) }, classifier, { kind: 'none', reason: 'rows influence each other' });
  assert.deepEqual([valid.rows, valid.mergeable, valid.separate], [1, false, false]);
});

test('a fixed number of rows that share no run is cut to, row by row, unless the request has just that many', () => {
  const model = signature([spec('x', [2, 4])], [spec('y', [2])]);
  const axes = { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) };
  const batching: Batching = { kind: 'none', reason: 'rows influence each other', rows: 2, axes };
  const cut = validate({ x: zeros(3, 4) }, model, batching);
  assert.deepEqual([cut.rows, cut.mergeable, cut.separate], [3, false, true]);
  const whole = validate({ x: zeros(2, 4) }, model, batching);
  assert.deepEqual([whole.rows, whole.separate], [1, false]);
});

test('an input with a default that has rows of its own is a row of the request', () => {
  const model = signature([spec('x', ['n', 4]), spec('k', ['n'], 'FP32', { optional: true })], [spec('y', ['n'])]);
  const axes = { inputs: new Map(Object.entries({ x: 0, k: 0 })), outputs: new Map([['y', 0]]) };
  assert.equal(validate({ x: zeros(2, 4), k: zeros(2) }, model, { ...dynamic, axes }).mergeable, true);
});

test('rows that are asked for one by one are refused where an input has none, or the model', () => {
  const separately = (inputs: Record<string, Tensor>, model: ModelSignature, batching: Batching) =>
    validateInputs(
      { inputs: new Map(Object.entries(inputs)), separateRows: {} },
      { signature: model, batching, allOutputs: model.outputs.map(({ name }) => name) },
    );
  const { rows, separate, mergeable } = separately({ x: zeros(3, 4) }, classifier, dynamic);
  assert.deepEqual([rows, separate, mergeable], [3, true, true]);
  const optional = signature([spec('x', ['n']), spec('k', ['n'], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.throws(() => separately({ x: zeros(3), k: zeros(2) }, optional, dynamic), {
    message: 'the model does not answer row by row: an input or output has no axis for rows; send its tensors whole',
  });
  assert.throws(() => separately({ x: zeros(3, 4) }, classifier, { kind: 'none', reason: 'it has no axis' }), {
    message: 'the model does not answer row by row: it has no axis; send its tensors whole',
  });
});

test('rows along the first axis of everything may be said in two ways', () => {
  const inputs = new Map([['x', zeros(3, 4)]]);
  const first = { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) };
  const second = { inputs: new Map([['x', 1]]), outputs: new Map([['y', 0]]) };
  const asked = (axes: typeof first | undefined, batching: Batching) =>
    validateInputs({ inputs, separateRows: { axes } }, { signature: classifier, batching, allOutputs: ['y'] }).separate;
  assert.equal(asked(first, dynamic), true);
  assert.equal(asked(undefined, { ...dynamic, axes: first }), true);
  assert.equal(
    asked(first, { ...dynamic, axes: { inputs: new Map(first.inputs), outputs: new Map(first.outputs) } }),
    true,
  );
  for (const [told, batching] of [
    [second, dynamic],
    [undefined, { ...dynamic, axes: second }],
    [first, { ...dynamic, axes: second }],
  ] as const) {
    assert.throws(() => asked(told, batching), { code: 'UNAVAILABLE' });
  }
});

test('an unknown input beside those that there are is named, too', () => {
  assert.throws(() => validate({ x: zeros(1, 4), weight: zeros(1) }), {
    message: 'the model has no input "weight"; its inputs are "x"',
  });
  const optional = signature([spec('x', ['n']), spec('k', ['n'], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.throws(() => validate({ x: zeros(1), weight: zeros(1) }, optional), { message: /no input "weight"/ });
  assert.equal(validate({ x: zeros(1) }, optional).rows, 1);
});

test('a parameter as long as there are rows is one of the whole request all the same', () => {
  const model = signature([spec('x', ['n', 4]), spec('k', [null], 'FP32', { optional: true })], [spec('y', ['n'])]);
  assert.equal(validate({ x: zeros(2, 4), k: zeros(2) }, model).mergeable, false);
  const axes = { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) };
  assert.equal(validate({ x: zeros(2, 4), k: zeros(2) }, model, { ...dynamic, axes }).mergeable, false);
  assert.equal(validate({ x: zeros(2, 4) }, model, { ...dynamic, axes }).mergeable, true);
});

test('a batch of fixed size that is filled up is not cut', () => {
  const model = signature([spec('x', [8, 4])], [spec('y', [8])]);
  assert.equal(validate({ x: zeros(3, 4) }, model, { kind: 'fixed', rows: 8 }).separate, false);
});
