import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHead } from '../../../../src/protocols/http/fast-path/request-head.js';

const plain = ['POST /v1/models/iris/predict HTTP/1.1', 'Host: test', 'Content-Length: 12'];

const head = (...lines: string[]): string => lines.join('\r\n');

test('a plain head is read: path, headers by name in lower case, length of the body', () => {
  const read = readHead(head(...plain, 'X-Request-ID:  order 7', 'accept: */*', 'empty:'));
  assert.deepEqual(read, {
    path: '/v1/models/iris/predict',
    headers: { host: 'test', 'content-length': '12', 'x-request-id': 'order 7', accept: '*/*', empty: '' },
    bodyBytes: 12,
  });
});

test('a connection that is to be kept open may be said to be', () => {
  assert.equal(readHead(head(...plain, 'Connection: Keep-Alive'))?.bodyBytes, 12);
});

const line = (first: string): string => head(first, ...plain.slice(1));
const left: Readonly<Record<string, string>> = {
  'another method': line('PUT /v1/models/iris/predict HTTP/1.1'),
  'an older version': line('POST /v1/models/iris/predict HTTP/1.0'),
  'a query': line('POST /v1/models/iris/predict?non_finite=token HTTP/1.1'),
  'an escape in the path': line('POST /v1/models/ir%69s/predict HTTP/1.1'),
  'a whole URL': line('POST http://test/v1/models/iris/predict HTTP/1.1'),
  'two spaces': line('POST  /v1/models/iris/predict HTTP/1.1'),
  'nothing at all': '',
  'no host': head(plain[0] as string, plain[2] as string),
  'no length': head(plain[0] as string, plain[1] as string),
  'a signed length': head(plain[0] as string, plain[1] as string, 'Content-Length: +12'),
  'a list of lengths': head(plain[0] as string, plain[1] as string, 'Content-Length: 12, 12'),
  'an empty length': head(plain[0] as string, plain[1] as string, 'Content-Length:'),
  'two lengths': head(...plain, 'content-length: 12'),
  'a repeated header': head(...plain, 'Accept: a', 'accept: b'),
  chunks: head(...plain, 'Transfer-Encoding: chunked'),
  'a wish to be asked': head(...plain, 'Expect: 100-continue'),
  'another protocol': head(...plain, 'Upgrade: h2c'),
  'a compressed body': head(...plain, 'Content-Encoding: gzip'),
  'a last request': head(...plain, 'Connection: close'),
  'a connection that is to be upgraded': head(...plain, 'Connection: keep-alive, Upgrade'),
  'a folded line': head(...plain, 'X-A: 1', ' 2'),
  'a space before the colon': head(...plain, 'X-A : 1'),
  'a space behind a value': head(...plain, 'X-A: 1 '),
  'a tab': head(...plain, 'X-A:\t1'),
  'no colon': head(...plain, 'X-A'),
  'no name': head(...plain, ': 1'),
  'a bare line feed': head(...plain, 'X-A: 1\nX-B: 2'),
  'a bare carriage return': head(...plain, 'X-A: 1\rX-B: 2'),
  'a zero byte': head(...plain, 'X-A: 1\0'),
  'bytes beyond ASCII': head(...plain, 'X-A: \xe9'),
  'a name that every object has': head(...plain, 'constructor: 1'),
};

for (const [what, text] of Object.entries(left)) {
  test(`${what}: left to Node's parser`, () => {
    assert.equal(readHead(text), undefined);
  });
}

/** What Node's server makes of these bytes; undefined when it refuses them. */
function readByNode(bytes: string): Promise<Pick<IncomingMessage, 'method' | 'url' | 'headers'> | undefined> {
  return new Promise((resolve) => {
    const server = createServer((request) => resolve(request));
    server.on('clientError', () => resolve(undefined));
    const connection = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    server.emit('connection', connection);
    connection.push(Buffer.from(bytes, 'latin1'));
    connection.push(null);
  });
}

/** Plain heads with pieces of all kinds put in somewhere. */
const mutated = fc
  .tuple(
    fc.constantFrom(head(...plain), head(...plain, 'Accept: */*', 'X-Tag: a b', 'Connection: keep-alive')),
    fc.nat(120),
    fc.nat(3),
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        ':',
        ' ',
        '\t',
        '\0',
        '\x7f',
        '\xff',
        ',',
        'chunked',
        'Content-Length: 3\r\n',
      ),
      fc.constantFrom(
        'Transfer-Encoding: chunked\r\n',
        'Host: other\r\n',
        ' HTTP/1.1',
        '?',
        '#',
        '%41',
        '//',
        '1',
        '-',
      ),
      fc.string({ maxLength: 4 }),
    ),
  )
  .map(([text, at, removed, piece]) => text.slice(0, at) + piece + text.slice(at + removed));

test('what is taken for plain means the same to Node', async () => {
  await fc.assert(
    fc.asyncProperty(mutated, async (text) => {
      const ours = readHead(text);
      if (ours === undefined) return;
      const node = await readByNode(`${text}\r\n\r\n${'x'.repeat(ours.bodyBytes)}`);
      assert.ok(node !== undefined, 'Node refuses it');
      assert.equal(node.method, 'POST');
      assert.equal(node.url, ours.path);
      assert.deepEqual({ ...node.headers }, ours.headers);
    }),
    { numRuns: 3000 },
  );
});
