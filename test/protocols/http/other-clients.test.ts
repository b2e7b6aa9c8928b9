import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startTestServer } from '../test-server.js';
import { countSlow } from './fast-path/wire.js';

// What clients of other servers send, and load balancers.

const { app, service } = await startTestServer({ after }, { config: { docs: true } });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));
const slow = countSlow(app);

const v1 = '/v1/models/echo-fp32/predict';
const v2 = '/v2/models/echo-fp32/infer';
const rows = '{"instances":[[1,2]]}';
const tensor = '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}';

/** All that comes back on a connection of its own, of which this side does not close its half. */
async function exchange(head: string, body: string | Buffer = ''): Promise<string> {
  const socket = connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' });
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  socket.write(head);
  socket.write(body);
  await once(socket, 'close');
  return received;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

const postHead = (path: string, bytes: number, more: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n${more}`;

describe('JSON is read whatever the client calls it', () => {
  const anywhere = [
    ...['', 'text/plain', 'text/plain;charset=UTF-8', 'text/plain; charset=utf-8', 'text/json', '*/*'],
    ...['application/json', 'application/x-www-form-urlencoded', 'application/vnd.api+json', 'APPLICATION/JSON'],
  ];
  for (const [path, body, types] of [
    [v1, rows, [...anywhere, 'application/octet-stream']],
    [v2, tensor, anywhere],
  ] as const) {
    for (const type of types) {
      test(`${path.slice(0, 3)}: ${type || 'no type'}, by either path`, async () => {
        const named = type === '' ? '' : `Content-Type: ${type}\r\n`;
        // A connection that is to be closed is for the slow path.
        for (const [reader, close] of [
          ['slow', 'Connection: close\r\n'],
          ['fast', ''],
        ] as const) {
          const before = slow();
          const second = close === '' ? `GET /v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n` : '';
          const answer = await exchange(`${postHead(path, body.length, named + close)}\r\n`, body + second);
          assert.equal(statusOf(answer), 200, `${reader}: ${answer}`);
          assert.match(answer, /1\.0,2\.0/);
          if (reader === 'fast' && !type.includes('+')) assert.equal(slow() - before, 1);
        }
      });
    }
  }

  test('other types are refused with what to send', async () => {
    const answer = await exchange(`${postHead(v1, 3, 'Content-Type: text/csv\r\nConnection: close\r\n')}\r\n`, '1,2');
    assert.equal(statusOf(answer), 415);
    assert.match(bodyOf(answer), /send JSON as application\/json/);
  });
});

test('a byte order mark is passed over', async () => {
  const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(rows)]);
  const answer = await app.inject({ method: 'POST', url: v1, payload: marked });
  assert.equal(answer.body, '{"predictions":[[1.0,2.0]]}');
});

test('text in UTF-16 or UTF-32 is named', async () => {
  const little = Buffer.from(rows, 'utf16le');
  const big = Buffer.from(little).swap16();
  const wide = Buffer.from(Uint32Array.from(rows, (character) => character.charCodeAt(0)).buffer);
  for (const [body, says] of [
    [little, /UTF-16, little-endian from its first character .*; send it in UTF-8/],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), little]), /UTF-16, little-endian/],
    [big, /UTF-16, big-endian/],
    [Buffer.concat([Buffer.from([0xfe, 0xff]), big]), /UTF-16, big-endian/],
    [wide, /UTF-32/],
    [Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), wide]), /UTF-32/],
  ] as const) {
    const answer = await app.inject({ method: 'POST', url: v1, payload: body });
    assert.equal(answer.statusCode, 400);
    assert.match(answer.json().error, says);
  }
});

test('an expectation that cannot be met gets 417 with a message', async () => {
  const answer = await exchange(`${postHead(v1, rows.length, 'Expect: 200-ok\r\n')}\r\n`, rows);
  assert.equal(statusOf(answer), 417);
  assert.match(JSON.parse(bodyOf(answer)).error, /"200-ok"/);
});

test('a request without Host gets 400 with a message; HTTP/1.0 needs none', async () => {
  const answer = await exchange('GET /v2 HTTP/1.1\r\nConnection: close\r\n\r\n');
  assert.equal(statusOf(answer), 400);
  assert.match(JSON.parse(bodyOf(answer)).error, /Host/);
  assert.equal(statusOf(await exchange('GET /v2 HTTP/1.0\r\n\r\n')), 200);
});

test('OPTIONS is answered at every route with what else may be asked there', async () => {
  const paths = [
    '/',
    '/metrics',
    '/healthz',
    '/docs',
    '/docs/static/index.css',
    '/v1/models',
    v1,
    v2,
    '/v2/models/x/load',
  ];
  for (const path of paths.slice(0, -1)) {
    const { statusCode, headers, body } = await app.inject({ method: 'OPTIONS', url: path });
    assert.deepEqual([path, statusCode, body], [path, 204, '']);
    assert.match(String(headers.allow), path === v1 || path === v2 ? /^POST, OPTIONS$/ : /GET/);
  }
  assert.equal((await app.inject({ method: 'OPTIONS', url: '/nothing' })).statusCode, 404);
  assert.equal(statusOf(await exchange('OPTIONS / HTTP/1.0\r\n\r\n')), 204);
  assert.equal(statusOf(await exchange('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')), 204);
});

test('a name with a slash in it is no model: 404, in JSON', async () => {
  for (const url of ['/v1/models/a%2Fb:predict', '/v1/models/a%2Fb/predict', '/v2/models/a%2Fb/infer']) {
    const answer = await app.inject({ method: 'POST', url, payload: rows });
    assert.equal(answer.statusCode, 404, answer.body);
    assert.deepEqual(Object.keys(answer.json()), ['error']);
  }
  const answer = await app.inject({ method: 'GET', url: '/v1/models/a%2Fb' });
  assert.equal(answer.statusCode, 404);
  assert.deepEqual(Object.keys(answer.json()), ['error']);
});

test('of encodings that a client likes alike it gets gzip', async () => {
  const payload = JSON.stringify({ instances: Array.from({ length: 1000 }, () => [1, 2]) });
  for (const accepted of ['gzip, deflate, br', 'br, zstd, gzip', '*']) {
    const answer = await app.inject({ method: 'POST', url: v1, payload, headers: { 'accept-encoding': accepted } });
    assert.equal(answer.headers['content-encoding'], 'gzip', accepted);
    assert.equal(JSON.parse(gunzipSync(answer.rawPayload).toString()).predictions.length, 1000);
  }
});

test('null stands for an absent member', async () => {
  const answer = await app.inject({ method: 'POST', url: '/v2/repository/index', payload: '{"ready":null}' });
  assert.equal(answer.statusCode, 200);
  assert.equal(service.leases, 0);
});
