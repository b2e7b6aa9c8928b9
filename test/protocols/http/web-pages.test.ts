import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { startTestServer } from '../test-server.js';
import { countSlow, post, Wire } from './fast-path/wire.js';

const origin = 'https://app.example';
const authentication = authenticationBy(accessKey('page', ['infer', 'control']));
const { app } = await startTestServer({ after }, { config: { corsOrigins: [origin] }, access: { authentication } });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));
const slow = countSlow(app);

const path = '/v1/models/flower/predict';
const body = '{"instances": [[1, 2, 3, 4]]}';
const key = { authorization: `Bearer ${secretOf('page')}` };
const asks = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

test('a browser that asks first is told what pages of an allowed origin may send, without a key', async () => {
  const { statusCode, headers } = await app.inject({ method: 'OPTIONS', url: path, headers: { origin, ...asks } });
  assert.equal(statusCode, 204);
  assert.equal(headers['access-control-allow-origin'], origin);
  assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, POST');
  assert.equal(headers['access-control-allow-headers'], 'authorization');
  assert.ok(Number(headers['access-control-max-age']) > 0);
});

test('pages of an allowed origin can read answers, failures too, and what stands beside them', async () => {
  for (const [headers, status] of [
    [key, 200],
    [{}, 401],
  ] as const) {
    const wire = await Wire.open(app);
    wire.send(post({ path, body, headers: { origin, ...headers } }));
    const answer = await wire.answer();
    wire.close();
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
    assert.match(answer.headers['access-control-expose-headers'] ?? '', /x-model-version/);
    assert.match(answer.headers.vary ?? '', /origin/i);
  }
});

test('pages of other origins are told nothing that would let them', async () => {
  for (const foreign of ['https://evil.example', 'null', 'https://app.example.evil', 'http://app.example']) {
    const asked = await app.inject({ method: 'OPTIONS', url: path, headers: { origin: foreign, ...asks } });
    assert.equal(asked.headers['access-control-allow-origin'], undefined, foreign);
    const { headers } = await app.inject({ method: 'POST', url: path, body, headers: { origin: foreign, ...key } });
    assert.equal(headers['access-control-allow-origin'], undefined, foreign);
  }
});

test('pages never control anything, whatever their origin and their key', async () => {
  const url = '/v2/repository/models/flower/unload';
  const { statusCode, body: told } = await app.inject({ method: 'POST', url, headers: { origin, ...key } });
  assert.equal(statusCode, 403);
  assert.match(told, /a web page of another origin/);
});

test('programs are answered from the bare socket as ever', async () => {
  const before = slow();
  const wire = await Wire.open(app);
  wire.send(post({ path, body, headers: key }));
  assert.equal((await wire.answer()).status, 200);
  wire.close();
  assert.equal(slow(), before);
});

test('what is not there is not found, and other methods are not allowed, as ever', async () => {
  assert.equal((await app.inject('/nothing')).statusCode, 404);
  assert.equal((await app.inject({ method: 'PUT', url: path, headers: key })).statusCode, 405);
});
