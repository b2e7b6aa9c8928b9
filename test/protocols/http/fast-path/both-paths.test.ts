import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestServer } from '../../test-server.js';
import { countSlow, type Post, post, Wire, type WireAnswer } from './wire.js';

const { app, finished } = await startTestServer({ after }, { config: { callerHeader: 'X-Api-Key' } });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));

const row = '{"instances": [[1, 2]]}';
const tensor = '{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1, 2]}]}';
const binaryHead = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}';
const binary = Buffer.concat([Buffer.from(binaryHead), Buffer.from(Float32Array.of(1, 2).buffer)]);
const binaryHeaders = {
  'Content-Type': 'application/octet-stream',
  'Inference-Header-Content-Length': String(binaryHead.length),
};

/** Plain requests, good and bad, and what becomes of them. */
const conversations: readonly (Post & { readonly about: string; readonly status: number })[] = [
  { about: 'predict after a slash', path: '/v1/models/echo-fp32/predict', body: row, status: 200 },
  { about: 'predict after a colon', path: '/v1/models/echo-fp32:predict', body: row, status: 200 },
  { about: 'predict by version', path: '/v1/models/echo-fp32/versions/1:predict', body: row, status: 200 },
  { about: 'a version that is not there', path: '/v1/models/echo-fp32/versions/9/predict', body: row, status: 404 },
  { about: 'a version that is none', path: '/v1/models/echo-fp32/versions/0:predict', body: row, status: 400 },
  { about: 'a label that is not there', path: '/v1/models/echo-fp32/labels/stable:predict', body: row, status: 404 },
  { about: 'a model that is not there', path: '/v1/models/echo/predict', body: row, status: 404 },
  { about: 'infer', path: '/v2/models/echo-fp32/infer', body: tensor, status: 200 },
  { about: 'infer by version', path: '/v2/models/echo-fp32/versions/1/infer', body: tensor, status: 200 },
  { about: 'infer with bytes', path: '/v2/models/echo-fp32/infer', body: binary, headers: binaryHeaders, status: 200 },
  { about: 'text that is no JSON', path: '/v1/models/echo-fp32/predict', body: '{"instances": [1,]}', status: 400 },
  { about: 'an empty body', path: '/v1/models/echo-fp32/predict', body: '', status: 400 },
  { about: 'a body that is too large', path: '/v1/models/echo-fp32/predict', body: ' '.repeat(100_001), status: 413 },
  {
    about: 'a type that is not read',
    path: '/v1/models/echo-fp32/predict',
    body: row,
    headers: { 'Content-Type': 'text/csv' },
    status: 415,
  },
  {
    about: 'bytes where only JSON is read',
    path: '/v1/models/echo-fp32/predict',
    body: binary,
    headers: binaryHeaders,
    status: 400,
  },
  {
    about: 'a timeout that is none',
    path: '/v1/models/echo-fp32/predict',
    body: row,
    headers: { 'X-Request-Timeout-Ms': 'soon' },
    status: 400,
  },
  {
    about: 'a trace',
    path: '/v1/models/echo-fp32/predict',
    body: row,
    headers: { Traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    status: 200,
  },
  {
    about: 'a request id',
    path: '/v1/models/echo-fp32/predict',
    body: row,
    headers: { 'X-Request-ID': 'order-7' },
    status: 200,
  },
];

/** What two answers to the same question may differ in. */
function comparable({ status, headers: { date, ...headers }, body }: WireAnswer, post: Post): object {
  assert.match(String(date), /GMT$/);
  const isMadeUp = post.headers?.['X-Request-ID'] === undefined && post.headers?.Traceparent === undefined;
  const id = String(headers['x-request-id']);
  if (isMadeUp) assert.match(id, /^[0-9a-f-]{36}$/);
  return { status, headers: { ...headers, 'x-request-id': isMadeUp ? '' : id }, body: body.replaceAll(id, '') };
}

for (const { about, status, ...question } of conversations) {
  test(`both paths answer alike: ${about}`, async () => {
    const fast = await Wire.open(app);
    fast.send(post(question));
    const fastAnswer = await fast.answer();
    fast.close();
    const slow = await Wire.open(app);
    const slowRequests = countSlow(app);
    // An unusual header, which means nothing to the server.
    slow.send(post({ ...question, headers: { ...question.headers, TE: 'trailers' } }));
    const slowAnswer = await slow.answer();
    slow.close();
    assert.equal(slowRequests(), 1);
    assert.equal(fastAnswer.status, status, fastAnswer.body);
    assert.deepEqual(comparable(fastAnswer, question), comparable(slowAnswer, question));
    const [first, second] = finished.splice(0);
    assert.deepEqual([first?.code, first?.id, first?.rows], [second?.code, second?.id, second?.rows]);
  });
}

test('plain requests never reach Fastify', async () => {
  const slowRequests = countSlow(app);
  const wire = await Wire.open(app);
  for (const { path, body } of conversations.slice(0, 8)) {
    wire.send(post({ path, body }));
    await wire.answer();
  }
  wire.close();
  assert.equal(slowRequests(), 0);
});
