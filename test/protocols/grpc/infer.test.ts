import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeBytesElements } from '../../../src/codecs/bytes-elements.js';
import { pathOf } from '../../../src/protocols/grpc/grpc-method.js';
import { GRPCInferenceService } from '../../../src/protocols/grpc/schema/open_inference_pb.js';
import { MessageWriter } from '../../../src/protocols/grpc/wire/message-writer.js';
import { GrpcClient } from './grpc-client.js';
import { startGrpcServer } from './grpc-test-server.js';

const { client, service, finished, address } = await startGrpcServer({ after });
const threaded = await startGrpcServer({ after }, { threadsFromBytes: 0 });
const { modelInfer } = GRPCInferenceService.method;

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
const floats = (...values: number[]): Uint8Array => bytesOf(Float32Array.from(values));

type Request = Parameters<typeof client.ask<typeof modelInfer.input, typeof modelInfer.output>>[1];

/** Both servers say the same; what is computed elsewhere is told the same way. */
async function infer(request: Request, headers: Record<string, string> = {}) {
  const reply = await client.ask(modelInfer, request, { headers });
  const elsewhere = await threaded.client.ask(modelInfer, request, { headers });
  assert.deepEqual(elsewhere.message, reply.message);
  assert.equal(elsewhere.details, reply.details);
  assert.equal(service.leases, 0);
  return reply;
}

const contents: readonly {
  readonly type: string;
  readonly contents: object;
  readonly raw: Uint8Array;
}[] = [
  { type: 'BOOL', contents: { boolContents: [true, false] }, raw: Uint8Array.of(1, 0) },
  { type: 'INT8', contents: { intContents: [-128, 127] }, raw: bytesOf(Int8Array.of(-128, 127)) },
  { type: 'INT16', contents: { intContents: [-32768, 32767] }, raw: bytesOf(Int16Array.of(-32768, 32767)) },
  {
    type: 'INT32',
    contents: { intContents: [-(2 ** 31), 2 ** 31 - 1] },
    raw: bytesOf(Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
  },
  {
    type: 'INT64',
    contents: { int64Contents: [-(2n ** 63n), 2n ** 53n + 1n] },
    raw: bytesOf(BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)),
  },
  { type: 'UINT8', contents: { uintContents: [0, 255] }, raw: Uint8Array.of(0, 255) },
  { type: 'UINT16', contents: { uintContents: [0, 65535] }, raw: bytesOf(Uint16Array.of(0, 65535)) },
  { type: 'UINT32', contents: { uintContents: [0, 2 ** 32 - 1] }, raw: bytesOf(Uint32Array.of(0, 2 ** 32 - 1)) },
  {
    type: 'UINT64',
    contents: { uint64Contents: [0n, 2n ** 64n - 1n] },
    raw: bytesOf(BigUint64Array.of(0n, 2n ** 64n - 1n)),
  },
  { type: 'FP32', contents: { fp32Contents: [0.5, Number.NaN] }, raw: floats(0.5, Number.NaN) },
  { type: 'FP64', contents: { fp64Contents: [0.1, -0] }, raw: bytesOf(Float64Array.of(0.1, -0)) },
  {
    type: 'BYTES',
    contents: { bytesContents: [Buffer.from('日本'), Buffer.from('')] },
    raw: encodeBytesElements(['日本', '']),
  },
];

for (const { type, contents: typed, raw } of contents) {
  test(`${type} comes as typed contents and as raw bytes, and is answered as raw bytes`, async () => {
    const input = { name: 'x', datatype: type, shape: [1n, 2n] };
    const request = { modelName: `echo-${type.toLowerCase()}`, id: 'a', inputs: [{ ...input, contents: typed }] };
    const inRaw = { ...request, inputs: [input], rawInputContents: [raw] };
    for (const asked of [request, inRaw]) {
      const { message, code } = await infer(asked);
      assert.equal(code, 'OK');
      const { modelName, modelVersion, id, outputs, rawOutputContents } = message!;
      assert.deepEqual([modelName, modelVersion, id], [request.modelName, '1', 'a']);
      assert.deepEqual(
        outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        [{ name: 'y', datatype: type, shape: [1n, 2n] }],
      );
      assert.deepEqual(
        rawOutputContents.map((bytes) => [...bytes]),
        [[...raw]],
      );
    }
  });
}

test('packed numbers may come in several parts', async () => {
  const numbers = new MessageWriter().integers(2, [1]).integer(2, 2);
  const input = new MessageWriter()
    .string(1, 'x')
    .string(2, 'INT32')
    .integers(3, [1])
    .integer(3, 2)
    .message(5, numbers);
  const request = new MessageWriter().string(1, 'echo-int32').message(5, input).finish();
  const { message } = await client.askBytes(pathOf(modelInfer), request);
  assert.ok(message?.includes(Buffer.from(bytesOf(Int32Array.of(1, 2)))));
});

const x = { name: 'x', datatype: 'FP32', shape: [1n, 2n] };
const two = floats(1, 2);
const failures: readonly [about: string, request: Request, code: string, details: RegExp][] = [
  [
    'raw and typed contents mixed',
    { modelName: 'echo-fp32', inputs: [{ ...x, contents: { fp32Contents: [1, 2] } }], rawInputContents: [two] },
    'INVALID_ARGUMENT',
    /^input "x" has contents, and the request has raw_input_contents; send one of them$/,
  ],
  [
    'too few raw bytes',
    { modelName: 'echo-fp32', inputs: [x], rawInputContents: [floats(1)] },
    'INVALID_ARGUMENT',
    /^input "x": FP32 of shape \[1, 2\] needs 8 bytes, got 4$/,
  ],
  [
    'more raw contents than inputs',
    { modelName: 'echo-fp32', inputs: [x], rawInputContents: [two, two] },
    'INVALID_ARGUMENT',
    /^raw_input_contents has 2 items, and the inputs took 1;/,
  ],
  [
    'fewer raw contents than inputs',
    {
      modelName: 'pair',
      inputs: [
        { name: 'number', datatype: 'FP32', shape: [1n, 1n] },
        { name: 'word', datatype: 'BYTES', shape: [1n, 1n] },
      ],
      rawInputContents: [floats(1)],
    },
    'INVALID_ARGUMENT',
    /^input "word": raw_input_contents has 1 items/,
  ],
  [
    'too few elements',
    { modelName: 'echo-fp32', inputs: [{ ...x, contents: { fp32Contents: [1] } }] },
    'INVALID_ARGUMENT',
    /^input "x": shape \[1, 2\] needs 2 elements, got 1$/,
  ],
  [
    'no contents at all',
    { modelName: 'echo-int32', inputs: [{ ...x, datatype: 'INT32' }] },
    'INVALID_ARGUMENT',
    /^input "x": shape \[1, 2\] needs 2 elements, got 0$/,
  ],
  [
    'a shape that nobody could hold',
    { modelName: 'echo-int32', inputs: [{ name: 'x', datatype: 'INT32', shape: [2n ** 40n, 2n] }] },
    'INVALID_ARGUMENT',
    /needs 2199023255552 elements, got 0$/,
  ],
  [
    'a negative size',
    { modelName: 'echo-fp32', inputs: [{ ...x, shape: [-1n, 2n] }], rawInputContents: [two] },
    'INVALID_ARGUMENT',
    /^input "x": shape \[-1, 2\] holds -1; sizes are whole numbers from 0 on$/,
  ],
  [
    'contents of another type',
    { modelName: 'echo-fp32', inputs: [{ ...x, contents: { intContents: [1, 2] } }] },
    'INVALID_ARGUMENT',
    /^input "x": FP32 is read from fp32_contents, got int_contents/,
  ],
  [
    'half floats as typed contents',
    { modelName: 'echo-fp16', inputs: [{ ...x, datatype: 'FP16', contents: { fp32Contents: [1, 2] } }] },
    'INVALID_ARGUMENT',
    /^input "x": FP16 has no field of its own; send it in raw_input_contents$/,
  ],
  [
    'an integer out of range',
    { modelName: 'echo-int8', inputs: [{ ...x, datatype: 'INT8', contents: { intContents: [1, 300] } }] },
    'INVALID_ARGUMENT',
    /^input "x" at \[1\]: 300 is out of the range of INT8, -128 to 127$/,
  ],
  [
    'text that is not UTF-8',
    {
      modelName: 'echo-bytes',
      inputs: [{ ...x, datatype: 'BYTES', contents: { bytesContents: [two, Uint8Array.of(0xff)] } }],
    },
    'INVALID_ARGUMENT',
    /^input "x" at \[\d\]: /,
  ],
  [
    'another data type than the model has',
    { modelName: 'echo-fp32', inputs: [{ ...x, datatype: 'FP33' }] },
    'INVALID_ARGUMENT',
    /^input "x": expected datatype "FP32" \(the input is FP32\[batch, 2\]\), got the string "FP33"$/,
  ],
  [
    'an input given twice',
    { modelName: 'echo-fp32', inputs: [x, x], rawInputContents: [two, two] },
    'INVALID_ARGUMENT',
    /^input "x" is given twice$/,
  ],
  [
    'no inputs',
    { modelName: 'echo-fp32' },
    'INVALID_ARGUMENT',
    /^inputs: input "x" is missing; the model takes "x" FP32\[batch, 2\]$/,
  ],
  [
    'an unknown input',
    { modelName: 'echo-fp32', inputs: [{ ...x, name: 'z' }] },
    'INVALID_ARGUMENT',
    /^the model has no input "z"/,
  ],
  [
    'an unknown output',
    { modelName: 'echo-fp32', inputs: [x], rawInputContents: [two], outputs: [{ name: 'z' }] },
    'INVALID_ARGUMENT',
    /^the model has no output "z"/,
  ],
  [
    'an output asked for twice',
    { modelName: 'echo-fp32', inputs: [x], rawInputContents: [two], outputs: [{ name: 'y' }, { name: 'y' }] },
    'INVALID_ARGUMENT',
    /^output "y" is asked for twice$/,
  ],
  [
    'an unknown model',
    { modelName: 'ech-fp32' },
    'NOT_FOUND',
    /^Request for unknown model: 'ech-fp32' is not found; did you mean "echo-fp32"\?$/,
  ],
  [
    'a version that is no number',
    { modelName: 'echo-fp32', modelVersion: 'x' },
    'INVALID_ARGUMENT',
    /^model version: expected a positive integer, got "x"$/,
  ],
  ['a model that does not serve', { modelName: 'broken' }, 'UNAVAILABLE', /does not serve now: the file is truncated$/],
  [
    'a parameter of another kind',
    {
      modelName: 'echo-fp32',
      inputs: [x],
      rawInputContents: [two],
      parameters: { priority: { parameterChoice: { case: 'stringParam', value: 'high' } } },
    },
    'INVALID_ARGUMENT',
    /^parameters.priority: expected a whole number from 0 on, got "high"$/,
  ],
];

for (const [about, request, code, details] of failures) {
  test(`${about}: told by status and text`, async () => {
    const reply = await infer(request);
    assert.match(reply.details, details);
    assert.equal(reply.code, code);
    assert.equal(reply.message, undefined);
  });
}

test('when to try again is told as retry policies of clients read it', async () => {
  const { trailers } = await infer({ modelName: 'broken' });
  assert.deepEqual(trailers.get('grpc-retry-pushback-ms'), ['2500']);
});

test('classes, and outputs by their names', async () => {
  const { message } = await infer({
    modelName: 'flower',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1n, 4n] }],
    rawInputContents: [floats(1, 2, 3, 4)],
    outputs: [
      { name: 'probabilities', parameters: { classification: { parameterChoice: { case: 'int64Param', value: 2n } } } },
    ],
  });
  assert.deepEqual(
    message?.outputs.map(({ name, datatype }) => [name, datatype]),
    [['probabilities', 'BYTES']],
  );
  assert.deepEqual(
    message.rawOutputContents.map((raw) => [...raw]),
    [[...encodeBytesElements(['0.7:1:versicolor', '0.2:2:virginica'])]],
  );
});

test('metadata is what headers are: request id, priority, time', async () => {
  const request = { modelName: 'echo-fp32', inputs: [x], rawInputContents: [two] };
  const { trailers } = await infer(request, { 'x-request-id': 'mine', 'x-request-priority': '3' });
  assert.deepEqual(trailers.get('x-request-id'), ['mine']);
  assert.equal(service.requests.at(-1)?.priority, 3);
  assert.equal(finished.at(-1)?.requestId, 'mine');
  assert.equal(finished.at(-1)?.protocol, 'grpc');
  const traced = await infer(request, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  assert.deepEqual(traced.trailers.get('x-request-id'), ['0af7651916cd43dd8448eb211c80319c']);
  const { code, details } = await infer(request, { 'x-request-timeout-ms': 'soon' });
  assert.equal(code, 'INVALID_ARGUMENT');
  assert.match(details, /^header x-request-timeout-ms: expected a positive number/);
});

test('bytes that are no message are told with where they are none', async () => {
  const bodies: [Buffer, RegExp][] = [
    [Buffer.from('ff', 'hex'), /^ModelInferRequest: not valid protobuf at byte 1: a number is cut off$/],
    [Buffer.from('0a05616263', 'hex'), /^ModelInferRequest, field 1: .*its length says 5 bytes, 3 are left$/],
    [Buffer.from('0a02c3', 'hex'), /its length says 2 bytes, 1 are left/],
    [Buffer.from('0a01ff', 'hex'), /its text is not UTF-8$/],
    [Buffer.from('0801', 'hex'), /^ModelInferRequest, field 1: .*expected a length and bytes, got a varint$/],
    [Buffer.from('0b', 'hex'), /a group/],
    [Buffer.from('00', 'hex'), /a field has a number from 1 on$/],
  ];
  for (const [body, details] of bodies) {
    const reply = await client.askBytes(pathOf(modelInfer), body);
    assert.equal(reply.code, 'INVALID_ARGUMENT');
    assert.match(reply.details, details);
  }
});

test('a message beyond the limit is not read', async () => {
  const { code, details } = await client.askBytes(pathOf(modelInfer), Buffer.alloc(100_001));
  assert.equal(code, 'RESOURCE_EXHAUSTED');
  assert.match(details, /larger than max \(100001 vs 100000\)/);
});

test('a compressed message is read', async () => {
  for (const algorithm of [1, 2]) {
    const compressing = new GrpcClient(address, { 'grpc.default_compression_algorithm': algorithm });
    const request = { modelName: 'echo-fp32', inputs: [x], rawInputContents: [two] };
    const { message } = await compressing.ask(modelInfer, request);
    assert.deepEqual(
      message?.rawOutputContents.map((raw) => [...raw]),
      [[...two]],
    );
    compressing.close();
  }
});
