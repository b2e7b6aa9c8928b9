import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';

const mebibyte = 2 ** 20;

/** Gives as many thirds as it is asked for: a few bytes that make an answer of any size. */
const grow: PuppetModel = {
  name: 'grow',
  signature: {
    inputs: [{ name: 'n', dataType: 'INT64', shape: [1] }],
    outputs: [{ name: 'y', dataType: 'FP32', shape: ['n'] }],
  },
  batching: { kind: 'none', reason: 'no batch axis' },
  compute: (inputs) => {
    const count = Number(inputs.get('n')?.data[0]);
    return [{ name: 'y', dataType: 'FP32', shape: [count], data: new Float32Array(count).fill(1 / 3) }];
  },
};

const { app, service, finished, heldBytes } = await startTestServer(
  { after },
  {
    models: [grow],
    stallTimeoutMs: 400,
    config: { responseLimitBytes: 48 * mebibyte, maxResponseBytes: 180 * mebibyte },
  },
);
before(() => app.listen({ port: 0, host: '127.0.0.1' }));

const json = (count: number): string => `{"inputs":[${count}]}`;
const binary = (count: number): string =>
  `{"inputs":[{"name":"n","shape":[1],"datatype":"INT64","data":[${count}]}],"parameters":{"binary_data_output":true}}`;

const request = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

const open = (): Socket => connect({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1' });

/** All that comes back until the server closes. */
async function exchange(text: string): Promise<Buffer> {
  const socket = open();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const statusOf = (answer: Buffer): number => Number(answer.toString('latin1', 9, 12));

/** Resolves when the server has let go of the next connection that comes. */
const nextConnectionClosed = (): Promise<void> =>
  new Promise((resolve) => {
    app.server.once('connection', (socket: Socket) => socket.once('close', () => setImmediate(resolve)));
  });

const readers = [
  ['fast path', ''],
  ['slow path', 'Connection: close\r\n'],
] as const;
const forms = [
  ['JSON', '/v1/models/grow/predict', json],
  ['binary', '/v2/models/grow/infer', binary],
] as const;

describe('a caller that takes nothing of its answer is cut off, and what it held is given back', () => {
  for (const [reader, more] of readers) {
    for (const [form, path, body] of forms) {
      test(`${reader}, ${form}`, async () => {
        const closed = nextConnectionClosed();
        const socket = open();
        socket.pause();
        // More than the system takes for a connection.
        socket.write(request(path, body(form === 'JSON' ? 4_000_000 : 10_000_000), more));
        await closed;
        assert.equal(heldBytes(), 0);
        assert.equal(service.leases, 0);
        assert.equal(finished.at(-1)?.code, 'OK');
        // What the system had taken on the server's side is given up, too: after a mere close it would still come.
        await new Promise((resolve) =>
          socket
            .on('error', () => {})
            .once('close', resolve)
            .resume(),
        );
        assert.ok(socket.bytesRead < mebibyte, `${socket.bytesRead} bytes came`);
      });
    }
  }

  test('compressed', async () => {
    const closed = nextConnectionClosed();
    const socket = open();
    socket.on('error', () => {});
    socket.pause();
    socket.write(request('/v1/models/grow/predict', json(4_000_000), 'Accept-Encoding: gzip\r\n'));
    // It is small then, and the system may take it all; the connection stays.
    socket.resume();
    await once(socket, 'data');
    while (heldBytes() > 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await closed;
    assert.equal(heldBytes(), 0);
  });
});

test('a caller that reads slowly, but reads, gets its answer whole', async (context) => {
  const patient = await startTestServer(context, { models: [grow], stallTimeoutMs: 1500 });
  await patient.app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect({ port: (patient.app.server.address() as AddressInfo).port, host: '127.0.0.1' });
  let length = 0;
  socket.write(request('/v2/models/grow/infer', binary(8_000_000), 'Connection: close\r\n'));
  socket.on('data', (chunk: Buffer) => {
    length += chunk.length;
    socket.pause();
    // It takes longer than the server would wait for one that reads nothing.
    setTimeout(() => socket.resume(), 6);
  });
  await once(socket, 'close');
  assert.ok(length > 32_000_000, `${length} bytes came`);
});

test('while answers hold too much others are rejected, and are answered afterwards', async () => {
  const text = request('/v2/models/grow/infer', binary(10_000_000), 'Connection: close\r\n');
  const closed = nextConnectionClosed();
  const stalled = open();
  stalled.on('error', () => {});
  stalled.pause();
  stalled.write(text);
  // First the estimate, then what is sent.
  while (heldBytes() === 0 || heldBytes() > 100 * mebibyte) await new Promise((resolve) => setImmediate(resolve));
  const refused = await exchange(text);
  assert.equal(statusOf(refused), 503);
  assert.match(refused.toString(), /answers that callers have not taken yet hold \d+ bytes.*maxResponseBytes/);
  assert.match(refused.toString(), /retry-after: 1/i);
  await closed;
  const answer = await exchange(text);
  assert.equal(statusOf(answer), 200);
  assert.equal(heldBytes(), 0);
});

describe('an answer beyond the limit for one is an error that says what to do', () => {
  for (const [what, path, body, says] of [
    ['its tensors', '/v1/models/grow/predict', json(13_000_000), /its tensors are 52000000 bytes/],
    ['its text, in a thread', '/v1/models/grow/predict', json(6_000_000), /longer than 50331648 bytes as JSON/],
    ['its tensors, binary', '/v2/models/grow/infer', binary(13_000_000), /its tensors are 52000000 bytes/],
    ['JSON and bytes together', '/v2/models/grow/infer', binary(12_582_900), /it is \d+ bytes/],
  ] as const) {
    test(what, async () => {
      finished.length = 0;
      const answer = await app.inject({ method: 'POST', url: path, payload: body });
      assert.equal(answer.statusCode, 429);
      assert.match(answer.json().error, says);
      assert.match(
        answer.json().error,
        /ask for fewer rows or fewer outputs at a time, or raise its responseLimitBytes/,
      );
      assert.deepEqual(
        finished.map(({ code }) => code),
        ['RESOURCE_EXHAUSTED'],
      );
      assert.equal(heldBytes(), 0);
      assert.equal(service.leases, 0);
    });
  }

  test('its text, written at once', async (context) => {
    const small = await startTestServer(context, {
      models: [grow],
      config: { responseLimitBytes: 20_000, maxResponseBytes: mebibyte },
    });
    const answer = await small.app.inject({ method: 'POST', url: '/v1/models/grow/predict', payload: json(4000) });
    assert.equal(answer.statusCode, 429);
    assert.match(answer.json().error, /longer than 20000 bytes as JSON/);
    assert.equal(small.heldBytes(), 0);
  });
});
