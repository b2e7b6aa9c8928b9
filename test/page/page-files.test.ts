import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync } from 'node:zlib';
import { startTestServer } from '../protocols/test-server.js';
import { accessKey, authenticationBy } from '../support/access-keys.js';

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

test('browsers get the page at /, all others what they got without it', async (context) => {
  const { app } = await startTestServer(context, { config: { page: true } });
  for (const accept of ['*/*', 'application/json', '', undefined]) {
    const { headers, body } = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.equal(JSON.parse(body).name, 'slipway');
  }
  const { statusCode, headers, body } = await app.inject({ url: '/?from=mail', headers: browser });
  assert.equal(statusCode, 200);
  assert.equal(headers['content-type'], 'text/html; charset=utf-8');
  assert.match(String(headers.vary), /\baccept\b/);
  assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.equal(headers['x-frame-options'], 'DENY');
  const files = [...body.matchAll(/"(page\/[^"]+)"/g)].map(([, file]) => file as string);
  assert.equal(files.length, 2);
  let compressedBytes = 0;
  for (const file of files) {
    const plain = await app.inject(`/${file}`);
    assert.match(String(plain.headers['cache-control']), /immutable/);
    const packed = await app.inject({ url: `/${file}`, headers: { 'accept-encoding': 'gzip, br' } });
    assert.equal(packed.headers['content-encoding'], 'br');
    compressedBytes += packed.rawPayload.length;
    assert.deepEqual(brotliDecompressSync(packed.rawPayload), plain.rawPayload);
  }
  assert.ok(compressedBytes < 150_000, `${compressedBytes} bytes`);
  const head = await app.inject({ method: 'HEAD', url: '/', headers: browser });
  assert.deepEqual([head.statusCode, head.body], [200, '']);
});

test('nothing but what the page loads is given out', async (context) => {
  const { app } = await startTestServer(context, { config: { page: true } });
  for (const url of [
    '/page/index.html',
    '/page/slipway.js',
    '/page/..%2fslipway.js',
    '/page/page-.js',
    '/page/',
    '/page',
  ]) {
    const { statusCode, body } = await app.inject(url);
    assert.equal(statusCode, 404, url);
    assert.match(JSON.parse(body).error, /nothing is answered at GET/);
  }
});

test('it is for everybody, also where its calls need a key', async (context) => {
  const authentication = authenticationBy(accessKey('somebody', ['read']));
  const { app } = await startTestServer(context, { config: { page: true }, access: { authentication } });
  assert.equal((await app.inject({ url: '/', headers: browser })).statusCode, 200);
  assert.equal((await app.inject('/')).statusCode, 401);
});

test('with a port for operators it is there, and says that requests are answered at the other', async (context) => {
  const open = await startTestServer(context, { config: { page: true }, listener: 'public' });
  assert.match(String((await open.app.inject({ url: '/', headers: browser })).headers['content-type']), /json/);
  const { app } = await startTestServer(context, { config: { page: true }, listener: 'management' });
  assert.match(String((await app.inject({ url: '/', headers: browser })).headers['content-type']), /html/);
  const { models, try: attempt } = JSON.parse((await app.inject('/')).body);
  assert.deepEqual([models, attempt], ['/v1/models', undefined]);
});

test('without it browsers get JSON', async (context) => {
  const { app } = await startTestServer(context);
  assert.match(String((await app.inject({ url: '/', headers: browser })).headers['content-type']), /json/);
});
