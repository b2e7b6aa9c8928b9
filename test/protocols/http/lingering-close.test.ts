import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { startTestServer } from '../test-server.js';

const body = '{"instances": [[1, 2, 3, 4]]}';
const predict = `POST /v1/models/flower/predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n`;

/** More than the system takes on the way for a server that does not read. */
const sentBehindBytes = 16 * 2 ** 20;

/** What the server says to a client that reads only once it has sent all that it has behind its first request. */
async function saidToSender(port: number, first: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').pause();
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(first);
    socket.write('x'.repeat(sentBehindBytes), () => resolve());
  });
  let said = '';
  for await (const part of socket.setEncoding('latin1')) said += part;
  return said;
}

for (const [what, first, status] of [
  ['a request that is said to be the last', `${predict}Connection: close\r\n\r\n${body}`, 200],
  ['a page that is said to be the last', 'GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 200],
  ['a request of HTTP/1.0', 'GET /v1/models HTTP/1.0\r\n\r\n', 200],
  ['what is no request', 'GARBAGE\r\n\r\n', 400],
] as const) {
  test(`whoever sends on behind ${what} still gets the answer`, async (context) => {
    const { app } = await startTestServer(context);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const said = await saidToSender((app.server.address() as AddressInfo).port, first);
    assert.match(said, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(said, /\r\n\r\n\{.*\}$/s);
    assert.equal([...said.matchAll(/^HTTP.1.1 \d{3} /gm)].length, 1, said);
  });
}
