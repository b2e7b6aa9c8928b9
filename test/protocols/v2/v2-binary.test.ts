import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { InjectOptions } from 'fastify';
import { encodeBytesElements } from '../../../src/codecs/bytes-elements.js';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });
const threaded = await startTestServer({ after }, { threadsFromBytes: 0 });

interface BinaryRequest {
  readonly model: string;
  readonly json: string;
  readonly tail: Buffer;
  /** Where it differs from the length of `json`. */
  readonly jsonLength?: string;
}

interface BinaryAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly json: { error?: string; outputs: { name: string; data?: unknown; parameters?: unknown; shape: number[] }[] };
  readonly tail: Buffer;
}

async function infer({ model, json, tail, jsonLength }: BinaryRequest, gzip = false): Promise<BinaryAnswer> {
  const payload = Buffer.concat([Buffer.from(json), tail]);
  const asked: InjectOptions = {
    method: 'POST',
    url: `/v2/models/${model}/infer`,
    payload: gzip ? gzipSync(payload) : payload,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': jsonLength ?? String(Buffer.byteLength(json)),
      ...(gzip && { 'content-encoding': 'gzip' }),
    },
  };
  const { statusCode, headers, rawPayload } = await app.inject(asked);
  const elsewhere = await threaded.app.inject(asked);
  assert.equal(elsewhere.statusCode, statusCode);
  assert.deepEqual(elsewhere.rawPayload, rawPayload);
  const length = Number(headers['inference-header-content-length'] ?? rawPayload.length);
  const told = JSON.parse(rawPayload.subarray(0, length).toString()) as BinaryAnswer['json'];
  return { status: statusCode, headers, json: told, tail: rawPayload.subarray(length) };
}

const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const input = (size: number, shape = '[1,2]', datatype = 'FP32'): string =>
  `{"name":"x","shape":${shape},"datatype":"${datatype}","parameters":{"binary_data_size":${size}}}`;

test('a binary input is answered in JSON unless it is asked otherwise', async () => {
  const { json, headers } = await infer({ model: 'echo-fp32', json: `{"inputs":[${input(8)}]}`, tail: floats(0.1, 2) });
  assert.deepEqual(json.outputs[0]?.data, [0.1, 2]);
  assert.equal(headers['content-type'], 'application/json');
});

test('bfloat16 is taken as it is where it is the type in the model file', async () => {
  const patterns = Buffer.from(Uint16Array.of(0x3fc0, 0xc000).buffer);
  const answer = await infer({
    model: 'brain-float',
    json: `{"inputs":[${input(4, '[1,2]', 'BF16')}]}`,
    tail: patterns,
  });
  assert.deepEqual(answer.json.outputs[0]?.data, [1.5, -2]);
  const told = await infer({
    model: 'brain-float',
    json: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"BF16","data":[1.5,1.001]}]}',
    tail: Buffer.alloc(0),
  });
  assert.deepEqual(told.json.outputs[0]?.data, [1.5, 1], 'rounded to what bfloat16 can hold');
  const asDeclared = await infer({ model: 'brain-float', json: `{"inputs":[${input(8)}]}`, tail: floats(1.001, 2) });
  assert.deepEqual(asDeclared.json.outputs[0]?.data, [1.001, 2]);
  const half = await infer({ model: 'brain-float', json: `{"inputs":[${input(4, '[1,2]', 'FP16')}]}`, tail: patterns });
  assert.match(half.json.error ?? '', /expected datatype "FP32" or "BF16"/);
});

test('JSON padded to any length leaves the bytes where they are, aligned or not', async () => {
  for (const padding of ['', ' ', '  ', '   ']) {
    const json = `{"inputs":[${input(8)}]}${padding}`;
    const answer = await infer({ model: 'echo-fp32', json, tail: floats(0.1, 2) });
    assert.deepEqual(answer.json.outputs[0]?.data, [0.1, 2]);
  }
});

test('the request as a whole may want binary outputs', async () => {
  const json = `{"parameters":{"binary_data_output":true},"inputs":[${input(8)}]}`;
  const answer = await infer({ model: 'echo-fp32', json, tail: floats(0.1, 2) });
  assert.deepEqual(answer.json.outputs[0], {
    name: 'y',
    datatype: 'FP32',
    shape: [1, 2],
    parameters: { binary_data_size: 8 },
  });
  assert.deepEqual(answer.tail, floats(0.1, 2));
  assert.equal(answer.headers['content-type'], 'application/octet-stream');
});

test("an output's own wish wins, and several tails follow in the order of the outputs", async () => {
  const inputs =
    '{"name":"number","shape":[1,1],"datatype":"FP32","parameters":{"binary_data_size":4}},{"name":"word","shape":[1,1],"datatype":"BYTES","parameters":{"binary_data_size":6}}';
  const tail = Buffer.concat([floats(1.5), encodeBytesElements(['é'])]);
  const both = await infer({
    model: 'pair',
    json: `{"inputs":[${inputs}],"outputs":[{"name":"word_bytes","parameters":{"binary_data":true}},{"name":"double","parameters":{"binary_data":true}}]}`,
    tail,
  });
  assert.deepEqual(both.tail, Buffer.concat([encodeBytesElements(['é']), floats(3)]));
  const one = await infer({
    model: 'pair',
    json: `{"parameters":{"binary_data_output":true},"inputs":[${inputs}],"outputs":[{"name":"double","parameters":{"binary_data":false}},{"name":"word_bytes"}]}`,
    tail,
  });
  assert.deepEqual(one.json.outputs[0]?.data, [3]);
  assert.deepEqual(one.tail, encodeBytesElements(['é']));
});

const types: readonly [model: string, datatype: string, bytes: Buffer][] = [
  ['echo-bool', 'BOOL', Buffer.from([1, 0])],
  ['echo-int8', 'INT8', Buffer.from([0x80, 0x7f])],
  ['echo-uint16', 'UINT16', Buffer.from(Uint16Array.of(1, 65535).buffer)],
  ['echo-int64', 'INT64', Buffer.from(BigInt64Array.of(-1n, 2n ** 62n).buffer)],
  ['echo-uint64', 'UINT64', Buffer.from(BigUint64Array.of(0n, 2n ** 64n - 1n).buffer)],
  ['echo-fp16', 'FP16', Buffer.from(Uint16Array.of(0x3c00, 0x7c00).buffer)],
  ['echo-bf16', 'BF16', Buffer.from(Uint16Array.of(0x3f80, 0x7f80).buffer)],
  ['echo-fp64', 'FP64', Buffer.from(Float64Array.of(0.1, Number.NaN).buffer)],
  ['echo-bytes', 'BYTES', encodeBytesElements(['', '日本'])],
];
for (const [model, datatype, bytes] of types) {
  test(`${datatype} goes both ways as bytes`, async () => {
    const json = `{"parameters":{"binary_data_output":true},"inputs":[${input(bytes.length, '[1,2]', datatype)}]}`;
    const answer = await infer({ model, json, tail: bytes });
    assert.deepEqual(answer.tail, bytes);
  });
}

test('a compressed body is split after it was opened', async () => {
  const answer = await infer({ model: 'echo-fp32', json: `{"inputs":[${input(8)}]}`, tail: floats(1, 2) }, true);
  assert.deepEqual(answer.json.outputs[0]?.data, [1, 2]);
});

test('a raw request is one row, answered in bytes', async () => {
  const answer = await infer({ model: 'echo-fp32', json: '', tail: floats(1, 2), jsonLength: '0' });
  assert.deepEqual(answer.json.outputs[0]?.shape, [1, 2]);
  assert.deepEqual(answer.tail, floats(1, 2));
});

test('a raw request of BYTES is the one element', async (context) => {
  const { app: server } = await startTestServer(context, {
    models: [
      {
        name: 'text',
        signature: {
          inputs: [{ name: 'x', dataType: 'BYTES', shape: ['batch', 1] }],
          outputs: [{ name: 'y', dataType: 'BYTES', shape: ['batch', 1] }],
        },
        compute: (inputs) => [{ name: 'y', ...inputs.get('x')! }],
      },
    ],
  });
  const { rawPayload } = await server.inject({
    method: 'POST',
    url: '/v2/models/text/infer',
    payload: 'héllo',
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' },
  });
  const expected = encodeBytesElements(['héllo']);
  assert.deepEqual(rawPayload.subarray(rawPayload.length - expected.length), expected);
});

test('a raw request finds the one size that is free', async (context) => {
  const { app: server, service } = await startTestServer(context, {
    models: [
      {
        name: 'signal',
        signature: {
          inputs: [{ name: 'x', dataType: 'FP32', shape: ['batch', 2, 'samples'] }],
          outputs: [{ name: 'y', dataType: 'FP32', shape: ['batch', 2, 'samples'] }],
        },
        compute: (inputs) => [{ name: 'y', ...inputs.get('x')! }],
      },
    ],
  });
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': '0' };
  const send = (payload: Buffer) => server.inject({ method: 'POST', url: '/v2/models/signal/infer', payload, headers });
  await send(floats(1, 2, 3, 4, 5, 6));
  assert.deepEqual(service.requests[0]?.inputs.get('x')?.shape, [1, 2, 3]);
  const { statusCode, body } = await send(floats(1, 2, 3));
  assert.equal(statusCode, 400);
  assert.match(body, /multiple of 8 bytes, got 12/);
});

const wrong: readonly [about: string, request: BinaryRequest, says: RegExp][] = [
  [
    'bytes left over',
    { model: 'echo-fp32', json: `{"inputs":[${input(8)}]}`, tail: floats(1, 2, 3) },
    /4 bytes are left over.*add up to 8, the body holds 12/,
  ],
  [
    'too few bytes',
    { model: 'echo-fp32', json: `{"inputs":[${input(8)}]}`, tail: floats(1) },
    /input "x": binary_data_size says 8 bytes, 4 are left/,
  ],
  [
    'a size that is not that of the shape',
    { model: 'echo-fp32', json: `{"inputs":[${input(4)}]}`, tail: floats(1) },
    /input "x": FP32 of shape \[1, 2\] needs 8 bytes, got 4/,
  ],
  [
    'a negative size',
    { model: 'echo-fp32', json: `{"inputs":[${input(-1)}]}`, tail: floats(1) },
    /whole number of bytes, got -1/,
  ],
  [
    'a length that is none',
    { model: 'echo-fp32', json: '{}', tail: floats(1), jsonLength: 'all' },
    /Inference-Header-Content-Length: expected.*"all"/,
  ],
  [
    'a length beyond the body',
    { model: 'echo-fp32', json: '{}', tail: floats(1), jsonLength: '99' },
    /says 99 bytes of JSON, the body has 6/,
  ],
  [
    'a length that cuts the JSON',
    { model: 'echo-fp32', json: `{"inputs":[${input(8)}]}`, tail: floats(1, 2), jsonLength: '10' },
    /line 1/,
  ],
  [
    'data as well as bytes',
    {
      model: 'echo-fp32',
      json: '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}]}',
      tail: floats(1, 2),
    },
    /both "data" and binary_data_size/,
  ],
  [
    'a bool that is neither',
    { model: 'echo-bool', json: `{"inputs":[${input(2, '[1,2]', 'BOOL')}]}`, tail: Buffer.from([1, 2]) },
    /BOOL takes bytes 0 and 1, got 2/,
  ],
  [
    'a string longer than its bytes',
    {
      model: 'echo-bytes',
      json: `{"inputs":[${input(6, '[1,2]', 'BYTES')}]}`,
      tail: Buffer.from([9, 0, 0, 0, 65, 66]),
    },
    /its length says 9 bytes, 2 are left/,
  ],
  [
    'a string that is not UTF-8',
    {
      model: 'echo-bytes',
      json: `{"inputs":[${input(10, '[1,2]', 'BYTES')}]}`,
      tail: Buffer.from([1, 0, 0, 0, 0xff, 1, 0, 0, 0, 65]),
    },
    /UTF-8/,
  ],
  [
    'a raw request to two inputs',
    { model: 'pair', json: '', tail: floats(1), jsonLength: '0' },
    /one input.*"number" FP32/,
  ],
  [
    'a raw request of the wrong length',
    { model: 'echo-fp32', json: '', tail: floats(1, 2, 3, 4), jsonLength: '0' },
    /needs 8 bytes, got 16/,
  ],
];

for (const [about, request, says] of wrong) {
  test(`${about}: a 400 that says so`, async () => {
    const { status, json } = await infer(request);
    assert.match(json.error ?? '', says);
    assert.equal(status, 400);
  });
}
