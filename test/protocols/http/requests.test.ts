import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import type { CallerSignal } from '../../../src/core/inference.js';
import { startTestServer, type TestServer } from '../test-server.js';

const { brotliCompressSync, deflateSync, gzipSync } = zlib;
const path = '/v1/models/echo-fp32/predict';
const body = '{"instances": [[1, 2]]}';
const predictions = '{"predictions":[[1.0,2.0]]}';

const predict = ({ app }: TestServer, headers: Record<string, string> = {}, payload: string | Buffer = body) =>
  app.inject({ method: 'POST', url: path, payload, headers });

test("a caller's request id comes back, and stands in what is observed", async (context) => {
  const server = await startTestServer(context);
  const { headers } = await predict(server, { 'x-request-id': 'order-7' });
  assert.equal(headers['x-request-id'], 'order-7');
  assert.equal(server.finished[0]?.requestId, 'order-7');
});

for (const id of ['', 'two words', 'x'.repeat(129), 'é']) {
  test(`the request id ${JSON.stringify(id.slice(0, 10))} is replaced by a new one`, async (context) => {
    const { headers } = await predict(await startTestServer(context), { 'x-request-id': id });
    assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/);
  });
}

test('without a request id the trace has one', async (context) => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { headers } = await predict(await startTestServer(context), { traceparent });
  assert.equal(headers['x-request-id'], '0af7651916cd43dd8448eb211c80319c');
  assert.equal(headers.traceparent, traceparent);
});

test('a traceparent that is none is not echoed', async (context) => {
  const { headers } = await predict(await startTestServer(context), { traceparent: 'nonsense' });
  assert.equal(headers.traceparent, undefined);
});

test('an answer says where its time went and which version gave it', async (context) => {
  const { headers } = await predict(await startTestServer(context));
  assert.equal(headers['server-timing'], 'queue;dur=0.1, batch;dur=0.25, compute;dur=0.2');
  assert.equal(headers['x-model-version'], '1');
});

test('a request is observed once, with its version, rows and times', async (context) => {
  const server = await startTestServer(context);
  await predict(server, {}, '{"instances": [[1, 2], [3, 4]]}');
  const [event, ...others] = server.finished;
  assert.deepEqual(others, []);
  assert.deepEqual(event?.id, { name: 'echo-fp32', version: 1 });
  assert.equal(event?.protocol, 'v1');
  assert.equal(event?.code, 'OK');
  assert.equal(event?.status, 200);
  assert.equal(event?.rows, 2);
  assert.equal(event?.timings?.batchMs, 0.25);
});

test('a request that is refused is observed once, with the version it was for', async (context) => {
  const server = await startTestServer(context);
  await predict(server, {}, '{"instances": [[1]]}');
  assert.deepEqual(
    server.finished.map(({ id, code, status }) => ({ id, code, status })),
    [{ id: { name: 'echo-fp32', version: 1 }, code: 'INVALID_ARGUMENT', status: 400 }],
  );
});

test('a request for an unknown model is observed without an id', async (context) => {
  const server = await startTestServer(context);
  await server.app.inject({ method: 'POST', url: '/v2/models/nobody/infer', payload: '{}' });
  assert.deepEqual(
    server.finished.map(({ id, protocol, code }) => ({ id, protocol, code })),
    [{ id: undefined, protocol: 'v2', code: 'NOT_FOUND' }],
  );
});

test('a body that is too large is observed too', async (context) => {
  const server = await startTestServer(context, { config: { bodyLimitBytes: 10 } });
  const answer = await predict(server);
  assert.equal(answer.statusCode, 413);
  assert.deepEqual(
    server.finished.map(({ code }) => code),
    ['PAYLOAD_TOO_LARGE'],
  );
});

const types = [
  'application/json',
  'application/json; charset=utf-8',
  'application/vnd.kserve+json',
  'application/x-www-form-urlencoded',
];
for (const type of types) {
  test(`a body of type ${type} is read as JSON`, async (context) => {
    const answer = await predict(await startTestServer(context), { 'content-type': type });
    assert.equal(answer.body, predictions);
  });
}

test('a body without a type is read as JSON', async (context) => {
  const { app } = await startTestServer(context);
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.end(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.match(await textOf(socket), /^HTTP\/1\.1 200 [\s\S]*\{"predictions":\[\[1\.0,2\.0\]\]\}$/);
});

const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };
for (const [encoding, compress] of Object.entries(encodings)) {
  test(`a body compressed as ${encoding} is opened`, async (context) => {
    const server = await startTestServer(context);
    const answer = await predict(server, { 'content-encoding': encoding }, compress(body));
    assert.equal(answer.body, predictions);
  });
}

test('a small body that opens into a large one is refused by its opened size', async (context) => {
  const server = await startTestServer(context, { config: { bodyLimitBytes: 10_000 } });
  const bomb = gzipSync(Buffer.alloc(5_000_000, 0x20));
  const answer = await predict(server, { 'content-encoding': 'gzip' }, bomb);
  assert.equal(answer.statusCode, 413);
});

test('what a decompressor still finds after the body was refused disturbs nobody', async (context) => {
  const server = await startTestServer(context, { config: { bodyLimitBytes: 10_000 } });
  const bomb = gzipSync(Buffer.alloc(5_000_000, 0x20));
  bomb.fill(0xff, bomb.length - 8);
  const answer = await predict(server, { 'content-encoding': 'gzip' }, bomb);
  assert.equal(answer.statusCode, 413);
  assert.equal((await predict(server)).body, predictions);
});

test('a body that is not compressed as it says is refused with what is wrong', async (context) => {
  const answer = await predict(await startTestServer(context), { 'content-encoding': 'gzip' });
  assert.equal(answer.statusCode, 400);
  assert.match(answer.body, /the body cannot be read: incorrect header check/);
});

/** Of `{"instances": [[1, 2]]}`, as it comes from zstd. */
const zstd = Buffer.from('28b52ffd2017b900007b22696e7374616e636573223a205b5b312c20325d5d7d', 'hex');

test('a body compressed as zstd is opened where Node.js can, and elsewhere refused with the version that can', async (context) => {
  const answer = await predict(await startTestServer(context), { 'content-encoding': 'zstd' }, zstd);
  if ('createZstdDecompress' in zlib) assert.equal(answer.body, predictions);
  else {
    assert.equal(answer.statusCode, 415);
    assert.match(answer.body, /Node.js 22.15 and later.*send gzip, deflate, br or nothing/);
  }
});

const { zstdCompressSync } = zlib as { zstdCompressSync?: typeof gzipSync };

test('zstd too is refused by its opened size', { skip: zstdCompressSync === undefined }, async (context) => {
  const server = await startTestServer(context, { config: { bodyLimitBytes: 10_000 } });
  const bomb = (zstdCompressSync as typeof gzipSync)(Buffer.alloc(5_000_000, 0x20));
  const answer = await predict(server, { 'content-encoding': 'zstd' }, bomb);
  assert.equal(answer.statusCode, 413);
});

for (const chunked of [false, true]) {
  test(`a body of many chunks is put together, ${chunked ? 'chunked' : 'its length announced'}`, async (context) => {
    const server = await startTestServer(context, { config: { bodyLimitBytes: 10_000_000 } });
    const rows = Array.from({ length: 200_000 }, (_, index) => [index, index + 0.5]);
    const body = JSON.stringify({ instances: rows });
    const payload = Readable.from(body.match(/.{1,40000}/gs) ?? []);
    const headers = { 'content-type': 'application/json', ...(!chunked && { 'content-length': `${body.length}` }) };
    const { app } = server;
    const answer = await app.inject({ method: 'POST', url: path, payload, headers });
    assert.equal(answer.statusCode, 200);
    assert.deepEqual(answer.json(), { predictions: rows });
  });
}

test('a body without a length is refused once it is too long', async (context) => {
  const { app } = await startTestServer(context);
  const payload = Readable.from(Array.from({ length: 20 }, () => ' '.repeat(10_000)));
  const answer = await app.inject({
    method: 'POST',
    url: path,
    payload,
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(answer.statusCode, 413);
});

test('a failure that says when to try again is passed on in whole seconds', async (context) => {
  const { app } = await startTestServer(context);
  const answer = await app.inject({ method: 'POST', url: '/v1/models/broken/predict', payload: body });
  assert.equal(answer.statusCode, 503);
  assert.equal(answer.headers['retry-after'], '3');
});

test('a failure that nobody foresaw is a 500 that tells the caller nothing and the log all', async (context) => {
  const cause = new Error('secret');
  const server = await startTestServer(context, {
    models: [{ name: 'bad', signature: { inputs: [], outputs: [] }, compute: () => Promise.reject(cause) }],
  });
  const answer = await server.app.inject({
    method: 'POST',
    url: '/v1/models/bad/predict',
    payload: '{"inputs": {}}',
    headers: { 'x-request-id': 'abc' },
  });
  assert.equal(answer.statusCode, 500);
  assert.equal(answer.body, '{"error":"internal error; the server\'s log has it under request id abc"}');
  assert.deepEqual(server.logged, [{ err: cause, requestId: 'abc' }]);
  assert.equal(server.finished[0]?.code, 'INTERNAL');
});

test('a time limit becomes a deadline: the header, the configured one, the earlier of header and parameter', async (context) => {
  const server = await startTestServer(context, { config: { requestTimeoutMs: 1_000_000 } });
  const before = performance.now();
  await predict(server);
  await predict(server, { 'x-request-timeout-ms': '2000000' });
  const infer = (headers: Record<string, string>) =>
    server.app.inject({
      method: 'POST',
      url: '/v2/models/echo-fp32/infer',
      payload:
        '{"parameters":{"timeout":3000000000,"priority":2},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}',
      headers,
    });
  await infer({ 'x-request-timeout-ms': '4000000' });
  await infer({ 'x-request-timeout-ms': '5000' });
  const limits = server.service.requests.map(
    ({ deadlineMs }) => Math.floor(((deadlineMs ?? 0) - before) / 500_000) * 500_000,
  );
  assert.deepEqual(limits, [1_000_000, 2_000_000, 3_000_000, 0]);
  assert.equal(server.service.requests[2]?.priority, 2);
});

test('a priority comes by header, and one in the body goes before it', async (context) => {
  const server = await startTestServer(context);
  const headers = { 'x-request-priority': '3' };
  await predict(server, headers);
  const tensor = '{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}';
  const payload = `{"parameters":{"priority":1},"inputs":[${tensor}]}`;
  await server.app.inject({ method: 'POST', url: '/v2/models/echo-fp32/infer', payload, headers });
  assert.deepEqual(
    server.service.requests.map(({ priority }) => priority),
    [3, 1],
  );
});

test('the configured header tells callers apart', async (context) => {
  const server = await startTestServer(context, { config: { callerHeader: 'X-Tenant' } });
  await predict(server, { 'x-tenant': 'a' });
  await predict(server);
  assert.deepEqual(
    server.service.requests.map(({ caller }) => caller),
    ['a', undefined],
  );
});

test('without any limit a request has no deadline', async (context) => {
  const server = await startTestServer(context);
  await predict(server);
  assert.equal(server.service.requests[0]?.deadlineMs, undefined);
});

test('a caller who hangs up aborts its request', async (context) => {
  const events = new EventEmitter();
  const slow = {
    name: 'slow',
    signature: { inputs: [], outputs: [] },
    compute: async () => {
      events.emit('reached');
      await once(events, 'finish');
      return [];
    },
  };
  const { app, service } = await startTestServer(context, { models: [slow] });
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const payload = '{"inputs": {}}';
  socket.write(
    `POST /v1/models/slow/predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${payload.length}\r\n\r\n${payload}`,
  );
  await once(events, 'reached');
  const signal = service.requests[0]?.signal as CallerSignal;
  assert.equal(signal.aborted, false);
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
  socket.destroy();
  await aborted;
  events.emit('finish');
});

test('what is not HTTP is answered in the same form, and the connection closed', async (context) => {
  const { app } = await startTestServer(context);
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const garbage = connect(port, '127.0.0.1');
  garbage.write('hello\r\n\r\n');
  assert.match(await textOf(garbage), /^HTTP\/1\.1 400 [\s\S]*\{"error":"this is not/);
  const large = connect(port, '127.0.0.1');
  large.write(`GET / HTTP/1.1\r\nHost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(await textOf(large), /^HTTP\/1\.1 431 [\s\S]*\{"error":"the headers/);
});

test('a body that ends before its length disturbs nobody', async (context) => {
  const server = await startTestServer(context);
  await server.app.listen({ port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"instances"`);
  await textOf(socket);
  assert.equal((await predict(server)).body, predictions);
  assert.deepEqual(server.logged, []);
});

async function textOf(socket: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
