import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { DataType } from '../../../src/protocols/grpc/schema/tensorflow_pb.js';
import {
  ModelService,
  PredictionService,
  SignatureDefMapSchema,
  ModelVersionStatus_State as State,
} from '../../../src/protocols/grpc/schema/tensorflow_serving_pb.js';
import { startGrpcServer } from './grpc-test-server.js';

const servers = [await startGrpcServer({ after }), await startGrpcServer({ after }, { threadsFromBytes: 0 })];
const { client, finished } = servers[0]!;
const { predict, classify, regress, getModelMetadata } = PredictionService.method;

const shapeOf = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: BigInt(size) })) });
const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);

const values: readonly {
  readonly type: string;
  readonly dtype: DataType;
  readonly field: string;
  readonly values: readonly unknown[];
  readonly content?: Uint8Array;
}[] = [
  { type: 'bool', dtype: DataType.DT_BOOL, field: 'boolVal', values: [true, false], content: Uint8Array.of(1, 0) },
  {
    type: 'int8',
    dtype: DataType.DT_INT8,
    field: 'intVal',
    values: [-128, 127],
    content: bytesOf(Int8Array.of(-128, 127)),
  },
  { type: 'uint8', dtype: DataType.DT_UINT8, field: 'intVal', values: [0, 255], content: Uint8Array.of(0, 255) },
  {
    type: 'int16',
    dtype: DataType.DT_INT16,
    field: 'intVal',
    values: [-1, 300],
    content: bytesOf(Int16Array.of(-1, 300)),
  },
  {
    type: 'uint16',
    dtype: DataType.DT_UINT16,
    field: 'intVal',
    values: [0, 65535],
    content: bytesOf(Uint16Array.of(0, 65535)),
  },
  {
    type: 'int32',
    dtype: DataType.DT_INT32,
    field: 'intVal',
    values: [-5, 2 ** 31 - 1],
    content: bytesOf(Int32Array.of(-5, 2 ** 31 - 1)),
  },
  {
    type: 'uint32',
    dtype: DataType.DT_UINT32,
    field: 'uint32Val',
    values: [0, 2 ** 32 - 1],
    content: bytesOf(Uint32Array.of(0, 2 ** 32 - 1)),
  },
  {
    type: 'int64',
    dtype: DataType.DT_INT64,
    field: 'int64Val',
    values: [-(2n ** 63n), 2n ** 62n + 1n],
    content: bytesOf(BigInt64Array.of(-(2n ** 63n), 2n ** 62n + 1n)),
  },
  {
    type: 'uint64',
    dtype: DataType.DT_UINT64,
    field: 'uint64Val',
    values: [5n, 2n ** 64n - 1n],
    content: bytesOf(BigUint64Array.of(5n, 2n ** 64n - 1n)),
  },
  {
    type: 'fp16',
    dtype: DataType.DT_HALF,
    field: 'halfVal',
    values: [0x3c00, 0xfc00],
    content: bytesOf(Uint16Array.of(0x3c00, 0xfc00)),
  },
  {
    type: 'bf16',
    dtype: DataType.DT_BFLOAT16,
    field: 'halfVal',
    values: [0x3f80, 0xff80],
    content: bytesOf(Uint16Array.of(0x3f80, 0xff80)),
  },
  {
    type: 'fp32',
    dtype: DataType.DT_FLOAT,
    field: 'floatVal',
    values: [0.5, -2],
    content: bytesOf(Float32Array.of(0.5, -2)),
  },
  {
    type: 'fp64',
    dtype: DataType.DT_DOUBLE,
    field: 'doubleVal',
    values: [0.1, -2],
    content: bytesOf(Float64Array.of(0.1, -2)),
  },
  { type: 'bytes', dtype: DataType.DT_STRING, field: 'stringVal', values: [Buffer.from('日'), Buffer.from('')] },
];

for (const { type, dtype, field, values: sent, content } of values) {
  test(`Predict: ${type} comes in its field and as tensor_content, and goes in its field`, async () => {
    const tensor = { dtype, tensorShape: shapeOf(1, 2) };
    const tensors = [{ ...tensor, [field]: sent }, ...(content ? [{ ...tensor, tensorContent: content }] : [])];
    for (const { client: asked } of servers) {
      for (const x of tensors) {
        const { message, details } = await asked.ask(predict, { modelSpec: { name: `echo-${type}` }, inputs: { x } });
        assert.equal(details, 'OK');
        const y = message?.outputs.y as unknown as Record<string, unknown>;
        assert.deepEqual(Array.from(y[field] as unknown[], plain), sent.map(plain));
        assert.equal(y.dtype, dtype);
        assert.deepEqual(
          [message?.modelSpec?.name, message?.modelSpec?.versionChoice.case],
          [`echo-${type}`, 'version'],
        );
      }
    }
  });
}

const plain = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString() : value);

test('Predict: one number stands for all of a tensor', async () => {
  const x = { dtype: DataType.DT_FLOAT, tensorShape: shapeOf(3, 2), floatVal: [0.5] };
  const { message } = await client.ask(predict, { modelSpec: { name: 'echo-fp32' }, inputs: { x } });
  assert.deepEqual(message?.outputs.y?.floatVal, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  const vast = { ...x, tensorShape: shapeOf(2 ** 40, 2) };
  const refused = await client.ask(predict, { modelSpec: { name: 'echo-fp32' }, inputs: { x: vast } });
  assert.match(refused.details, /^input "x": one number for 2199023255552 elements; expected 33554432 at most$/);
});

const good = { dtype: DataType.DT_FLOAT, tensorShape: shapeOf(1, 2), floatVal: [1, 2] };
const rejections: readonly [
  about: string,
  request: Parameters<typeof client.ask<typeof predict.input, typeof predict.output>>[1],
  code: string,
  text: RegExp,
][] = [
  [
    'an unknown model',
    { modelSpec: { name: 'nobody' } },
    'NOT_FOUND',
    /^Servable not found for request: Latest\(nobody\)/,
  ],
  ['a missing input', { modelSpec: { name: 'echo-fp32' } }, 'INVALID_ARGUMENT', /^inputs: input "x" is missing/],
  [
    'another type',
    { modelSpec: { name: 'echo-int8' }, inputs: { x: good } },
    'INVALID_ARGUMENT',
    /^input "x": expected datatype "INT8" .*got DT_FLOAT$/,
  ],
  [
    'a wrong count',
    { modelSpec: { name: 'echo-fp32' }, inputs: { x: { ...good, floatVal: [1, 2, 3] } } },
    'INVALID_ARGUMENT',
    /^input "x": shape \[1, 2\] needs 2 elements, got 3$/,
  ],
  [
    'another field',
    { modelSpec: { name: 'echo-fp32' }, inputs: { x: { ...good, floatVal: [], intVal: [1, 2] } } },
    'INVALID_ARGUMENT',
    /^input "x": FP32 is read from float_val, got int_val; or send tensor_content$/,
  ],
  [
    'an unknown output',
    { modelSpec: { name: 'echo-fp32' }, inputs: { x: good }, outputFilter: ['z'] },
    'INVALID_ARGUMENT',
    /^the model has no output "z"/,
  ],
  [
    'a version that is none',
    { modelSpec: { name: 'echo-fp32', versionChoice: { case: 'version', value: { value: -1n } as never } } },
    'INVALID_ARGUMENT',
    /^model version: expected a positive integer, got "-1"$/,
  ],
];
for (const [about, request, code, text] of rejections) {
  test(`Predict: ${about} is told by status and text`, async () => {
    const reply = await client.ask(predict, request);
    assert.match(reply.details, text);
    assert.equal(reply.code, code);
  });
}

const floats = (...numbers: number[]) => ({ kind: { case: 'floatList' as const, value: { value: numbers } } });
const examples = (...features: Record<string, unknown>[]) => ({
  kind: {
    case: 'exampleList' as const,
    value: { examples: features.map((feature) => ({ features: { feature: feature as never } })) },
  },
});

test('Classify: a score for each class, by its label', async () => {
  for (const { client: asked } of servers) {
    const { message } = await asked.ask(classify, {
      modelSpec: { name: 'flower', versionChoice: { case: 'versionLabel', value: 'stable' } },
      input: examples({ x: floats(1, 2, 3, 4) }, { x: floats(1, 2, 3, 4) }),
    });
    const rows = message?.result?.classifications.map(({ classes }) =>
      classes.map(({ label, score }) => [label, score]),
    );
    const row = [
      ['setosa', Math.fround(0.1)],
      ['versicolor', Math.fround(0.7)],
      ['virginica', Math.fround(0.2)],
    ];
    assert.deepEqual(rows, [row, row]);
  }
});

test('Regress: a number for each example, features in the context are every example’s', async () => {
  const rooms = { kind: { case: 'int64List' as const, value: { value: [3n] } } };
  const { message } = await client.ask(regress, {
    modelSpec: { name: 'price' },
    input: examples({ rooms }, { rooms }),
  });
  assert.deepEqual(
    message?.result?.regressions.map(({ value }) => value),
    [3, 3],
  );
  const withContext = await client.ask(regress, {
    modelSpec: { name: 'price' },
    input: {
      kind: {
        case: 'exampleListWithContext',
        value: { examples: [{}, {}], context: { features: { feature: { rooms: rooms as never } } } },
      },
    },
  });
  assert.deepEqual(
    withContext.message?.result?.regressions.map(({ value }) => value),
    [3, 3],
  );
});

test('Classify: what is wrong with an example is told with its place', async () => {
  const ask = async (...features: Record<string, unknown>[]) =>
    (await client.ask(classify, { modelSpec: { name: 'flower' }, input: examples(...features) })).details;
  assert.match(await ask(), /^examples: expected one or more, got none$/);
  assert.match(await ask({}), /^examples\[0\]: input "x" is missing/);
  assert.match(
    await ask({ x: floats(1, 2, 3, 4) }, { x: floats(1) }),
    /^examples\[1\], input "x": expected 4 values, as the first has, got 1$/,
  );
  const bytes = { kind: { case: 'bytesList', value: { value: [Buffer.from('a')] } } };
  assert.match(await ask({ x: bytes }), /^examples\[0\], input "x": expected float_list \(FP32\), got bytes_list$/);
  assert.match(await ask({ z: floats(1) }), /^the model has no input "z"/);
});

test('GetModelMetadata tells the signature, GetModelStatus the versions', async () => {
  const { message } = await client.ask(getModelMetadata, {
    modelSpec: { name: 'flower' },
    metadataField: ['signature_def'],
  });
  const { signatureDef } = fromBinary(
    SignatureDefMapSchema,
    message?.metadata.signature_def?.value ?? new Uint8Array(),
  );
  assert.equal(signatureDef.serving_default?.inputs.x?.dtype, DataType.DT_FLOAT);
  assert.deepEqual(
    signatureDef.serving_default?.inputs.x?.tensorShape?.dim.map(({ size }) => size),
    [-1n, 4n],
  );
  const other = await client.ask(getModelMetadata, { modelSpec: { name: 'flower' }, metadataField: ['graph'] });
  assert.match(other.details, /^metadata_field: expected "signature_def", got "graph"$/);
  const status = await client.ask(ModelService.method.getModelStatus, { modelSpec: { name: 'flower' } });
  assert.deepEqual(
    status.message?.modelVersionStatus.map(({ version, state }) => [version, state]),
    [[1n, State.AVAILABLE]],
  );
});

test('calls are told as gRPC’s', () => {
  assert.ok(finished.length > 0 && finished.every(({ protocol }) => protocol === 'grpc'));
});
