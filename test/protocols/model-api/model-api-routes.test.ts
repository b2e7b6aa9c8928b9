import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { startTestServer } from '../test-server.js';

const read = (app: Awaited<ReturnType<typeof startTestServer>>['app'], url: string) =>
  app.inject({ url, headers: { authorization: `Bearer ${secretOf('elsewhere')}` } });

test('a key gets a client of the models that it is for', async (context) => {
  const authentication = authenticationBy(accessKey('elsewhere', ['read'], { models: ['flow*'] }));
  const { app } = await startTestServer(context, { access: { authentication } });
  const all = await read(app, '/v1/client.ts');
  assert.match(all.body, /^\/\/ Made by Slipway \S+ for flower\/\d+\.\n/);
  for (const url of [
    '/v1/client.ts?models=flower,other',
    '/v1/models/other/client.ts',
    '/v1/models/other/openapi.json',
  ]) {
    const { statusCode, body } = await read(app, url);
    assert.equal(statusCode, 403);
    assert.match(body, /elsewhere is not for the model \\"other\\"/);
  }
});

test('a model that is named more than once is in the client once', async (context) => {
  const { app } = await startTestServer(context);
  const once = await app.inject({ url: '/v1/client.ts?models=flower' });
  const often = await app.inject({ url: `/v1/client.ts?models=${Array(500).fill('flower').join(',')}` });
  assert.equal(often.statusCode, 200);
  assert.equal(often.body, once.body);
});

test('an error repeats no more than the beginning of a long name', async (context) => {
  const { app } = await startTestServer(context);
  const { statusCode, body } = await app.inject({ url: `/v1/client.ts?models=${'a'.repeat(12_000)}` });
  assert.equal(statusCode, 404);
  assert.ok(body.length < 3000, `${body.length} characters`);
});

test('whoever names no model rightly is told what is wrong', async (context) => {
  const { app } = await startTestServer(context);
  for (const [url, status, error] of [
    ['/v1/client.ts?models=flowr', 404, /did you mean "flower"/],
    ['/v1/client.ts?models=', 404, /.+/],
    ['/v1/client.ts?models=flower&models=flower', 400, /names with commas between them, once/],
    ['/v1/models/flowr/openapi.json', 404, /did you mean "flower"/],
  ] as const) {
    const answer = await app.inject({ url });
    assert.equal(answer.statusCode, status);
    assert.match(answer.json().error, error);
  }
});
