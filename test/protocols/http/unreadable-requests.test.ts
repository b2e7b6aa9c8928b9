import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import type { NamedTensor } from '../../../src/core/tensor.js';
import { startTestServer } from '../test-server.js';

const predict = '/v1/models/flower/predict';
const body = '{"instances": [[1, 2, 3, 4]]}';
const question = `POST ${predict} HTTP/1.1\r\nHost: x\r\nX-Odd: y\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function open({ app }: Awaited<ReturnType<typeof startTestServer>>): Promise<Socket> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return connect((app.server.address() as AddressInfo).port, '127.0.0.1');
}

/** Status and body's beginning of every answer on the connection, until it closes. */
async function answersOn(socket: Socket): Promise<string[]> {
  let text = '';
  socket.setEncoding('latin1').on('data', (part) => {
    text += part;
  });
  await once(socket, 'close');
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n(\{"\w+")/g)].map(
    ([, status, start]) => `${status} ${start}`,
  );
}

for (const [what, tail] of Object.entries({
  'a start that is no request': 'GARBAGE\r\n\r\n',
  'headers that are too large': `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`,
  'a body whose chunks are none': `POST ${predict} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  'a tunnel that is asked for': 'CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n',
})) {
  test(`behind two good requests, ${what} takes neither of their answers`, async (context) => {
    const socket = await open(await startTestServer(context));
    socket.write(question + question + tail);
    const [first, second, last, ...more] = await answersOn(socket);
    assert.deepEqual([first, second], ['200 {"predictions"', '200 {"predictions"']);
    assert.match(last as string, /^(400|431|501) \{"error"/);
    assert.deepEqual(more, []);
  });
}

test('what is unreadable waits for the answer that is still computed, however much follows it', async (context) => {
  const events = new EventEmitter();
  const server = await startTestServer(context, {
    models: [
      {
        name: 'slow',
        signature: { inputs: [], outputs: [] },
        compute: async (): Promise<NamedTensor[]> => {
          events.emit('reached');
          await once(events, 'finish');
          return [];
        },
      },
    ],
  });
  const socket = await open(server);
  const answers = answersOn(socket);
  socket.write(
    'POST /v1/models/slow/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 14\r\n\r\n{"inputs": {}}GARBAGE\r\n\r\n',
  );
  await once(events, 'reached');
  socket.write('MORE\r\n\r\n');
  events.emit('finish');
  const [first, second, ...more] = await answers;
  assert.match(first as string, /^200 /);
  assert.match(second as string, /^400 /);
  assert.deepEqual(more, []);
});

test('a connection asked to be a tunnel is told that it is none', async (context) => {
  const socket = await open(await startTestServer(context));
  socket.write('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n\x16\x03\x01');
  assert.deepEqual(await answersOn(socket), ['501 {"error"']);
});

test('the server closes behind such a connection, whatever its client still sends', async (context) => {
  const { app } = await startTestServer(context);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const sockets = ['CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\nand more', 'GARBAGE\r\n\r\nand more'].map((text) => {
    const socket = connect(port, '127.0.0.1');
    socket.resume().write(text);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  // Resolves once every connection is gone.
  await app.close();
});
