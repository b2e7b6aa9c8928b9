import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app, logged } = await startTestServer({ after }, { config: { docs: true } });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));

const paths = [
  ...['/', '/metrics', '/docs', '/docs/json', '/healthz', '/nothing', '/v1/models', '/v1/models/flower'],
  ...[
    '/v1/models/flower/metadata',
    '/v1/models/flower/predict',
    '/v1/models/flower:classify',
    '/v2',
    '/v2/models/stats',
  ],
  ...['/v2/health/ready', '/v2/models/flower/infer', '/v2/repository/index', '/v2/repository/models/flower/load'],
];
const methods = ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH', 'POST', 'TRACE'];
const codings = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'identity', 'nonsense'];

/** All that comes back on a connection of its own. */
async function exchange(request: string): Promise<string> {
  const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' });
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  socket.write(request);
  await once(socket, 'close');
  return received;
}

const status = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

test('whatever coding a request names, with a body or none, it is answered and the server goes on', async () => {
  for (const path of paths) {
    for (const method of methods) {
      const requests = codings.flatMap((coding) =>
        ['', 'this is not compressed'].map((body) => {
          const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
          const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Encoding: ${coding}\r\n`;
          return `${head}${length}\r\n${body}`;
        }),
      );
      for (const [index, answer] of (await Promise.all(requests.map(exchange))).entries()) {
        assert.ok(status(answer) < 500, `${JSON.stringify(requests[index])} got ${JSON.stringify(answer)}`);
        if (method === 'GET' && path === '/metrics') assert.equal(status(answer), 200, answer);
      }
    }
  }
  assert.deepEqual(logged, []);
});
