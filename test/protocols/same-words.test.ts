import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeBytesElements } from '../../src/codecs/bytes-elements.js';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { binaryRequest } from './binary-request.js';
import { startGrpcServer } from './grpc/grpc-test-server.js';

const servers = [await startGrpcServer({ after }), await startGrpcServer({ after }, { threadsFromBytes: 0 })];
const { modelInfer } = GRPCInferenceService.method;

/** What is wrong with a request is said in the same words, however it is asked. */
interface Refusal {
  readonly about: string;
  readonly model: string;
  readonly input: { readonly name: string; readonly datatype: string; readonly shape: readonly number[] };
  /** As JSON text, and the same as typed contents. */
  readonly data: string;
  readonly contents: object;
  /** Absent where it cannot be wrong there. */
  readonly raw?: Uint8Array;
  /** Absent where v1 has no such form. */
  readonly v1?: string;
  readonly text: RegExp;
  readonly status: number;
  readonly code: string;
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const row = { name: 'x', datatype: 'FP32', shape: [1, 2] };

const rejections: readonly Refusal[] = [
  {
    about: 'a wrong number of columns',
    model: 'echo-fp32',
    input: { ...row, shape: [1, 3] },
    data: '[1,2,3]',
    contents: { fp32Contents: [1, 2, 3] },
    raw: floats(1, 2, 3),
    v1: '{"inputs":[[1,2,3]]}',
    text: /^input "x": expected 2 in dimension 1, got 3; the model takes FP32\[batch, 2\], .* the request has FP32\[1, 3\]$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'an unknown input',
    model: 'echo-fp32',
    input: { ...row, name: 'z' },
    data: '[1,2]',
    contents: { fp32Contents: [1, 2] },
    raw: floats(1, 2),
    v1: '{"inputs":{"z":[[1,2]]}}',
    text: /^the model has no input "z"; its inputs are "x" FP32\[batch, 2\]$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'a missing input',
    model: 'pair',
    input: { name: 'number', datatype: 'FP32', shape: [1, 1] },
    data: '[1]',
    contents: { fp32Contents: [1] },
    raw: floats(1),
    v1: '{"inputs":{"number":[[1]]}}',
    text: /^inputs: input "word" is missing; the model takes /,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'an integer out of range',
    model: 'echo-int8',
    input: { ...row, datatype: 'INT8' },
    data: '[1,300]',
    contents: { intContents: [1, 300] },
    text: /^input "x" at \[1\]: 300 is out of the range of INT8, -128 to 127$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'elements that do not fill the shape',
    model: 'echo-fp32',
    input: row,
    data: '[1]',
    contents: { fp32Contents: [1] },
    text: /^input "x": shape \[1, 2\] needs 2 elements, got 1$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'another data type',
    model: 'echo-fp32',
    input: { ...row, datatype: 'INT32' },
    data: '[1,2]',
    contents: { intContents: [1, 2] },
    raw: floats(1, 2),
    text: /^input "x": expected datatype "FP32" \(the input is FP32\[batch, 2\]\), got the string "INT32"$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'text that holds a NUL',
    model: 'echo-bytes',
    input: { ...row, datatype: 'BYTES' },
    data: '["a\\u0000",""]',
    contents: { bytesContents: [Buffer.from('a\0'), Buffer.alloc(0)] },
    raw: encodeBytesElements(['a\0', '']),
    text: /^input "x" at \[0, 0\]: the string holds a NUL character, which the engine cannot take$/,
    status: 400,
    code: 'INVALID_ARGUMENT',
  },
  {
    about: 'an unknown model',
    model: 'echo-fp3',
    input: row,
    data: '[1,2]',
    contents: { fp32Contents: [1, 2] },
    raw: floats(1, 2),
    text: /^Request for unknown model: 'echo-fp3' is not found; did you mean "echo-fp32"\?$/,
    status: 404,
    code: 'NOT_FOUND',
  },
  {
    about: 'a model that does not serve',
    model: 'broken',
    input: row,
    data: '[1,2]',
    contents: { fp32Contents: [1, 2] },
    raw: floats(1, 2),
    v1: '{"inputs":[[1,2]]}',
    text: /^Latest\(broken\) does not serve now: the file is truncated$/,
    status: 503,
    code: 'UNAVAILABLE',
  },
];

for (const { about, model, input, data, contents, raw, v1, text, status, code } of rejections) {
  test(`${about} is told in the same words everywhere, in whichever thread`, async () => {
    const { name, datatype, shape } = input;
    const head = `"name":"${name}","shape":[${shape}],"datatype":"${datatype}"`;
    const asked = { method: 'POST' as const, url: `/v2/models/${model}/infer` };
    const json = raw && `{"inputs":[{${head},"parameters":{"binary_data_size":${raw.length}}}]}`;
    const tensor = { ...input, shape: shape.map(BigInt) };
    for (const { app, client } of servers) {
      const replies = [
        await app.inject({ ...asked, payload: `{"inputs":[{${head},"data":${data}}]}` }),
        ...(v1 === undefined ? [] : [await app.inject({ ...asked, url: `/v1/models/${model}:predict`, payload: v1 })]),
        ...(raw === undefined ? [] : [await app.inject(binaryRequest(model, json ?? '', raw))]),
      ];
      for (const { statusCode, body } of replies) {
        assert.match((JSON.parse(body) as { error: string }).error, text);
        assert.equal(statusCode, status);
      }
      const calls = [
        await client.ask(modelInfer, { modelName: model, inputs: [{ ...tensor, contents }] }),
        ...(raw === undefined
          ? []
          : [await client.ask(modelInfer, { modelName: model, inputs: [tensor], rawInputContents: [raw] })]),
      ];
      for (const call of calls) {
        assert.match(call.details, text);
        assert.equal(call.code, code);
      }
    }
  });
}
