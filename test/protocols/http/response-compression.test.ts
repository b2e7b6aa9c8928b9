import assert from 'node:assert/strict';
import { request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import * as zlib from 'node:zlib';
import { startTestServer, type TestServer } from '../test-server.js';

const { zstdDecompressSync } = zlib as { zstdDecompressSync?: typeof zlib.gunzipSync };
const path = '/v1/models/echo-fp32/predict';
const body = JSON.stringify({ instances: Array.from({ length: 500 }, () => [1, 2]) });
const predictions = body.replace('instances', 'predictions').replaceAll('[1,2]', '[1.0,2.0]');

const predict = ({ app }: TestServer, headers: Record<string, string>, payload: string = body) =>
  app.inject({ method: 'POST', url: path, payload, headers });

const decompress = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  ...(zstdDecompressSync && { zstd: zstdDecompressSync }),
};

for (const [encoding, open] of Object.entries(decompress)) {
  test(`a large answer comes as ${encoding} to whoever accepts that`, async (context) => {
    const answer = await predict(await startTestServer(context), { 'accept-encoding': encoding });
    assert.equal(answer.headers['content-encoding'], encoding);
    assert.equal(answer.headers.vary, 'accept-encoding');
    assert.equal(answer.headers['content-length'], String(answer.rawPayload.length));
    assert.ok(answer.rawPayload.length < predictions.length / 4);
    assert.equal(open(answer.rawPayload).toString(), predictions);
  });
}

test('a large answer stays as it is for whoever does not ask, and says what it would depend on', async (context) => {
  const { headers, body: text } = await predict(await startTestServer(context), {});
  assert.equal(headers['content-encoding'], undefined);
  assert.equal(headers.vary, 'accept-encoding');
  assert.equal(text, predictions);
});

test('small answers, and all where it is switched off, stay as they are', async (context) => {
  const small = await predict(await startTestServer(context), { 'accept-encoding': 'gzip' }, '{"instances":[[1,2]]}');
  assert.equal(small.body, '{"predictions":[[1.0,2.0]]}');
  assert.equal(small.headers.vary, undefined);
  const off = await predict(await startTestServer(context, { config: { compressFromBytes: 0 } }), {
    'accept-encoding': 'gzip',
  });
  assert.equal(off.body, predictions);
});

test('raw tensors stay as they are', async (context) => {
  const { app } = await startTestServer(context);
  const tensor = { name: 'x', shape: [500, 2], datatype: 'FP32', data: new Array(1000).fill(1) };
  const payload = { inputs: [tensor], parameters: { binary_data_output: true } };
  const headers = { 'accept-encoding': 'gzip' };
  const answer = await app.inject({ method: 'POST', url: '/v2/models/echo-fp32/infer', payload, headers });
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.rawPayload.subarray(-4000).readFloatLE(3996), 1);
});

test('what does not become smaller is sent as it is', async (context) => {
  const { app } = await startTestServer(context, { config: { compressFromBytes: 1 } });
  const payload = '{"instances":[[1,2]]}';
  const answer = await app.inject({ method: 'POST', url: path, payload, headers: { 'accept-encoding': 'gzip' } });
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.body, '{"predictions":[[1.0,2.0]]}');
});

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Over a connection of its own, which the fast path reads. */
async function overSocket(context: TestContext, server: TestServer, method: string, url: string): Promise<Answer> {
  await server.app.listen({ port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  const payload = method === 'POST' ? body : '';
  const headers = { 'content-type': 'application/json', 'accept-encoding': 'gzip', 'content-length': payload.length };
  const request = ask({ port, method, path: url, headers, agent: false });
  context.after(() => request.destroy());
  return new Promise((resolve, reject) => {
    request.on('error', reject).on('response', async (response) => {
      const chunks = await response.toArray();
      resolve({ headers: response.headers, body: Buffer.concat(chunks) });
    });
    request.end(payload);
  });
}

test('the fast path compresses as well', async (context) => {
  const { headers, body } = await overSocket(context, await startTestServer(context), 'POST', path);
  assert.equal(headers['content-encoding'], 'gzip');
  assert.equal(zlib.gunzipSync(body).toString(), predictions);
});

test('the description of the API is compressed too', async (context) => {
  const server = await startTestServer(context, { config: { docs: true } });
  const page = await overSocket(context, server, 'GET', '/docs/json');
  assert.equal(page.headers['content-encoding'], 'gzip');
  assert.equal(page.headers.vary, 'accept-encoding');
  assert.equal(JSON.parse(zlib.gunzipSync(page.body).toString()).info.title, 'Slipway');
});

test('HEAD says what GET would', async (context) => {
  const { app } = await startTestServer(context, { config: { compressFromBytes: 1 } });
  const headers = { 'accept-encoding': 'gzip' };
  const url = '/v1/models';
  const get = await app.inject({ method: 'GET', url, headers });
  const head = await app.inject({ method: 'HEAD', url, headers });
  assert.equal(get.headers['content-encoding'], 'gzip');
  for (const name of ['content-encoding', 'content-length', 'content-type', 'vary']) {
    assert.equal(head.headers[name], get.headers[name], name);
  }
  assert.equal(head.rawPayload.length, 0);
});
