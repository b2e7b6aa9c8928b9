import { request } from 'node:http';
import { connect } from 'node:net';
import { pause } from '../../support/pause.js';
import type { Random } from '../../support/random.js';
import { type Fault, note, type World } from '../world.js';

/** Of nothing that is counted as an inference. */
const paths = [
  '/',
  '/metrics',
  '/docs',
  '/v1/models',
  '/v1/models/iris',
  '/v2',
  '/v2/health/live',
  '/v2/models/iris',
  '/no/such',
];
const methods = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE'];
const codings = ['gzip', 'br', 'deflate', 'zstd', 'identity', 'GZIP', 'gzip, br', 'nonsense', ''];
const bodies = ['', 'x', '{"a": 1}', '\u001f\u008b\u0008'];

/** Whole requests that no well-made client sends, as text. */
const malformed = (random: Random, path: string): string =>
  random.pick([
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 1e3\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    `POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `GET ${path} HTTP/1.1\nhost: a\n\n`,
    `GET ${path} HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(random.between(1, 100_000))}\r\n\r\n`,
    `GET ${path} HTTP/9.9\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\nhost: a\r\nexpect: 200-maybe\r\n\r\n`,
    '\u0016\u0003\u0001\u0002',
  ]);

const patienceMs = 60_000;

/** Sends requests with headers that fit neither the route nor the body, and some that are no HTTP at all. */
export const oddHeaders: Fault = async (world, signal) => {
  const { random, findings } = world;
  while (!signal.aborted) {
    await pause(random.between(0, 40), signal);
    const path = random.pick(paths);
    if (random.next() < 0.4) await sendRaw(world, malformed(random, path));
    else {
      const method = random.pick(methods);
      const [coding, body] = [random.pick(codings), random.pick(bodies)];
      const status = await statusOf(world, { method, path, coding, body }).catch((error: Error) => error.message);
      // A connection may be closed on whoever sends such things.
      if (typeof status === 'number' ? status >= 500 && status !== 501 : /no answer/.test(status)) {
        findings.push(`odd headers: ${method} ${path} with content-encoding "${coding}" got ${status}`);
      }
    }
    note(world, 'odd headers sent');
  }
};

interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly coding: string;
  readonly body: string;
}

function statusOf({ server }: World, { method, path, coding, body }: OddRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-encoding': coding, 'content-length': Buffer.byteLength(body), 'content-type': 'text/x' };
    const sent = request(server.origin + path, { method, headers, agent: false, timeout: patienceMs }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Resolves when the server has answered or closed; it may also wait for the rest, which does not come. */
function sendRaw({ server, findings }: World, text: string): Promise<void> {
  return new Promise((resolve) => {
    const { port, hostname } = new URL(server.origin);
    const socket = connect(Number(port), hostname);
    const timer = setTimeout(() => socket.destroy(), 300);
    socket.once('data', (answer) => {
      if (/^HTTP\/1\.1 50[0234]/.test(answer.toString('latin1'))) {
        findings.push(
          `odd headers: ${JSON.stringify(text.slice(0, 100))} got ${answer.toString('latin1').slice(0, 200)}`,
        );
      }
      socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.write(text, 'latin1');
  });
}
