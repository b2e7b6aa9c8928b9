import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Allowed } from '../../../src/access/loopback-rule.js';
import { startTestServer } from '../test-server.js';

const unload = { method: 'POST', url: '/v2/repository/models/flower/unload' } as const;
const local = { host: 'localhost:8080' };

const cases: readonly [about: string, Allowed, IncomingHttpHeaders, string, number][] = [
  ['from this machine', 'loopback', local, '127.0.0.1', 200],
  ['from another machine', 'loopback', local, '192.0.2.1', 403],
  ['through a proxy here', 'loopback', { ...local, 'x-forwarded-for': '192.0.2.1' }, '127.0.0.1', 403],
  ['from a page of another site', 'loopback', { ...local, 'sec-fetch-site': 'cross-site' }, '127.0.0.1', 403],
  ['for a foreign host name', 'loopback', { host: 'evil.example' }, '127.0.0.1', 403],
  ['from another machine where everybody may', true, local, '192.0.2.1', 200],
  ['from a foreign page where everybody may', true, { ...local, origin: 'http://evil.example' }, '192.0.2.1', 403],
  ['where nobody may', false, local, '127.0.0.1', 403],
];

for (const [about, modelControl, headers, remoteAddress, expected] of cases) {
  test(`a call to unload ${about} gets ${expected}, and the extension is announced accordingly`, async (context) => {
    const { app, service } = await startTestServer(context, { access: { modelControl } });
    const { statusCode, body } = await app.inject({ ...unload, headers, remoteAddress });
    assert.equal(statusCode, expected, body);
    assert.deepEqual(service.controlled, expected === 200 ? ['unload flower'] : []);
    if (expected === 403) assert.match((JSON.parse(body) as { error: string }).error, /^unload: /);
    const metadata = await app.inject({ url: '/v2', headers, remoteAddress });
    assert.equal(metadata.statusCode, 200);
    assert.equal(metadata.body.includes('model_repository'), expected === 200);
  });
}

test('a call is refused before its body is read', async (context) => {
  const { app, service } = await startTestServer(context);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST ${unload.url} HTTP/1.1\r\nhost: localhost\r\norigin: null\r\ncontent-length: 90000\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  // The server would wait for the rest of the body.
  socket.destroy();
  assert.match(String(answer), /^HTTP\/1\.1 403 .*Origin: null/s);
  assert.deepEqual(service.controlled, []);
});
