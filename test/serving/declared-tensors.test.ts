import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchResult, InstanceGroup } from '../../src/core/inference-engine.js';
import type { DeclaredTensor, DeclaredTensors } from '../../src/core/model-config.js';
import type { PreparedModel } from '../../src/core/model-source.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { formatSpec, type TensorSpec } from '../../src/core/tensor-spec.js';
import { withDeclaredTensors } from '../../src/serving/declared-tensors.js';
import { withModelSettings } from '../../src/serving/model-settings.js';
import { withReshapes } from '../../src/serving/reshaped-tensors.js';
import { ComputingGroup } from './computing-group.js';
import { spec } from './signatures.js';

const prepared = (
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[] = [spec('y', [null])],
): PreparedModel => ({
  signature: { inputs, outputs },
  metadata: {},
  sizeBytes: 0,
  rewrites: [],
  files: () => ({ modelPath: '' }),
  pin: async () => {},
  dispose: async () => {},
});

const declared = (
  tensor: Omit<DeclaredTensor, 'name'>,
  batchAxis: DeclaredTensors['batchAxis'] = 'implied',
): DeclaredTensors => ({ batchAxis, inputs: [{ name: 'x', ...tensor }], outputs: [] });

/** What clients are told of the input `x`. */
const seen = (shape: TensorSpec['shape'], tensors: DeclaredTensors): string =>
  formatSpec(
    withDeclaredTensors(prepared([spec('x', shape)]).signature, tensors, true).signature.inputs[0] as TensorSpec,
  );

test('declared sizes take the place of free ones, behind the batch axis where one is implied', () => {
  assert.equal(seen(['n', null, 3], declared({ dims: [4, 3] })), 'FP32[n, 4, 3]');
  assert.equal(seen([null, null], declared({ dims: [4, null] }, 'none')), 'FP32[4, ?]');
  assert.equal(seen(null, declared({ dims: [4] })), 'FP32[?, 4]');
  assert.equal(seen([1, 4], declared({ dims: [null] })), 'FP32[1, 4]');
});

test('where the file does not say whether a batch axis is implied, the model tells', () => {
  assert.equal(seen(['n', null], declared({ dims: [4] }, 'unknown')), 'FP32[n, 4]');
  assert.equal(seen([null, null], declared({ dims: [2, 4] }, 'unknown')), 'FP32[2, 4]');
});

const contradictions: readonly (readonly [TensorSpec['shape'], DeclaredTensors, RegExp])[] = [
  [
    ['n', 3],
    declared({ dims: [4] }),
    /declares input "x" as \[\?, 4\], with the batch axis .* but the model has FP32\[n, 3\]/,
  ],
  [['n', 3], declared({ dims: [3] }, 'none'), /declares input "x" as \[3\], but the model has FP32\[n, 3\]/],
  [
    ['n'],
    declared({ dims: [1], dataType: 'INT64' }, 'unknown'),
    /declares input "x" as INT64, but the model has FP32\[n\]/,
  ],
  [
    ['n'],
    { batchAxis: 'none', inputs: [{ name: 'X', dims: [1] }], outputs: [] },
    /the input "X", which the model does not have; did you mean "x"/,
  ],
  [
    ['n'],
    { batchAxis: 'none', inputs: [], outputs: [{ name: 'z', dims: [1] }] },
    /the output "z", which the model does not have; the model's outputs are "y"/,
  ],
];

for (const [shape, tensors, message] of contradictions) {
  test(`refused: ${message.source}`, () => {
    assert.throws(() => withDeclaredTensors(prepared([spec('x', shape)]).signature, tensors, true), {
      code: 'INVALID_ARGUMENT',
      message,
    });
  });
}

test('only declared outputs are served, unless model.json chooses', () => {
  const model = prepared([spec('x', ['n'])], [spec('a', ['n']), spec('b', ['n'])]);
  const tensors: DeclaredTensors = { batchAxis: 'none', inputs: [], outputs: [{ name: 'b', dims: [null] }] };
  const names = (outputs?: readonly string[]) =>
    withModelSettings(model, { tensors, ...(outputs && { outputs }) }).signature.outputs.map(({ name }) => name);
  assert.deepEqual(names(), ['b']);
  assert.deepEqual(names(['b', 'a']), ['b', 'a']);
});

test('a type that is carried as another one may be declared as it is', () => {
  const model = prepared([spec('x', ['n'], 'FP32', { modelDataType: 'BF16' })]);
  assert.doesNotThrow(() =>
    withDeclaredTensors(model.signature, declared({ dims: [null], dataType: 'BF16' }, 'none'), true),
  );
});

/** The shapes that a model gets and clients get for a tensor of one shape. */
async function reshapedRun(
  model: Pick<PreparedModel, 'reshapes'>,
  shape: readonly number[],
): Promise<readonly (readonly number[])[]> {
  const inModel: (readonly number[])[] = [];
  const inner: InstanceGroup = new ComputingGroup(([x]) => {
    inModel.push((x as NamedTensor).shape);
    return [{ ...(x as NamedTensor), name: 'y' }];
  });
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const batch = { inputs: [{ name: 'x', dataType: 'FP32' as const, shape, parts: [data] }], outputs: ['y'] };
  const result = (await withReshapes(inner, model.reshapes).tryRun(batch)) as BatchResult;
  return [inModel[0] as readonly number[], (result.outputs[0] as NamedTensor).shape];
}

const reshapes: readonly (readonly [
  model: readonly (string | number | null)[],
  dims: DeclaredTensor['dims'],
  reshape: DeclaredTensor['dims'],
  sent: readonly number[],
  got: readonly number[],
])[] = [
  [['n'], [1], [], [3, 1], [3]],
  [['n', 2, 2], [4], [2, 2], [3, 4], [3, 2, 2]],
  [['n', null], [null, 2], [null], [3, 5, 2], [3, 10]],
  [
    ['n', 1, null, null],
    [null, null],
    [1, null, null],
    [3, 5, 2],
    [3, 1, 5, 2],
  ],
];

for (const [shape, dims, reshape, sent, got] of reshapes) {
  test(`[${sent}] is [${got}] for the model, and back`, async () => {
    const tensors: DeclaredTensors = {
      batchAxis: 'implied',
      inputs: [{ name: 'x', dims, reshape }],
      outputs: [{ name: 'y', dims, reshape }],
    };
    const model = withDeclaredTensors(prepared([spec('x', shape)], [spec('y', shape)]).signature, tensors, true);
    assert.deepEqual(await reshapedRun(model, sent), [got, sent]);
  });
}

test("a shape that cannot be reshaped is the request's fault", async () => {
  const tensors = declared({ dims: [null], reshape: [2, null] });
  const model = withDeclaredTensors(prepared([spec('x', ['n', 2, null])]).signature, tensors, true);
  await assert.rejects(reshapedRun(model, [1, 3]), {
    code: 'INVALID_ARGUMENT',
    message: /input "x": its shape, \[1, 3\]/,
  });
});
