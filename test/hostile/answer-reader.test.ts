import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerReader } from './answer-reader.js';

/** What a reader makes of a text that arrives byte by byte. */
function read(text: string, isHead: (answer: number) => boolean = () => false): AnswerReader {
  const reader = new AnswerReader(isHead);
  for (const byte of Buffer.from(text, 'latin1')) reader.feed(Buffer.of(byte));
  reader.end();
  return reader;
}

const ok = 'HTTP/1.1 200 OK\r\n';

test('answers are read one after the other, whatever their framing', () => {
  const { answers, interim, fault } = read(
    `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 2\r\n\r\nab${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 \r\n\r\n${ok}Content-Length: 9\r\n\r\n`,
    (answer) => answer === 3,
  );
  assert.equal(fault, undefined);
  assert.equal(interim, 1);
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.toString()]),
    [
      [200, 'ab'],
      [200, 'abc'],
      [204, ''],
      [200, ''],
    ],
  );
});

for (const [what, text] of Object.entries({
  'a body without a length': `${ok}\r\nab`,
  'two lengths': `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  'a length beside chunks': `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'more bytes than the length': `${ok}Content-Length: 1\r\n\r\nab`,
  'fewer bytes than the length': `${ok}Content-Length: 3\r\n\r\nab`,
  'a header with a bare line feed': `${ok}X: a\nb\r\nContent-Length: 0\r\n\r\n`,
  'a header without a colon': `${ok}X\r\nContent-Length: 0\r\n\r\n`,
  'a chunk that is too long': `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
  'another version': 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n',
})) {
  test(`${what} is a fault`, () => assert.notEqual(read(text).fault, undefined));
}
