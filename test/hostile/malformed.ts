import type { Random } from '../support/random.js';

const post = 'POST /v1/models/good/predict HTTP/1.1\r\nHost: x\r\n';
const body = '{"instances":[[1,2,3,4]]}';

/** No requests: the server answers an error or nothing, and closes. */
const malformed: readonly string[] = [
  'GARBAGE\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and what TLS says next\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'get /v2 HTTP/1.1\r\nHost: x\r\n\r\n',
  'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /v2 HTTP/1.1 extra\r\nHost: x\r\n\r\n',
  'GET /v2 HTTX/1.1\r\nHost: x\r\n\r\n',
  'GET /v2 HTTP/9.9\r\nHost: x\r\n\r\n',
  'GET /v2 \x00HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nNo colon here\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nSpace : y\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nNul: a\0b\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nBare: a\rb\r\n\r\n',
  `GET /v2 HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`,
  `GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  `${post}Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
  `${post}Content-Length: 5\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  `${post}Content-Length: -5\r\n\r\n${body}`,
  `${post}Content-Length: 2e1\r\n\r\n${body}`,
  `${post}Content-Length: 0x19\r\n\r\n${body}`,
  `${post}Content-Length: 99999999999999999999999\r\n\r\n${body}`,
  `${post}Transfer-Encoding: gzip\r\n\r\n${body}`,
  `${post}Transfer-Encoding: chunked, gzip\r\n\r\n${body}`,
  `${post}Transfer-Encoding: xchunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n5\r\n${body}\r\n0\r\n\r\n`,
];

/** Requests by one reading and none by another: any answer will do, and none. */
const disputed: readonly string[] = [
  'GET  /v2 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /v2\r\n\r\n',
  'GET /v2 HTTP/1.1\r\n\r\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
  'GET /v2 HTTP/1.1\nHost: x\n\n',
  'GET /v2 HTTP/1.1\r\nHost: x\r\nFolded: a\r\n b\r\n\r\n',
  'GET /v2 HTTP/1.1\r\n Host: x\r\n\r\n',
  'GET /v2 HTTP/1.2\r\nHost: x\r\n\r\n',
  'GET /v2 HTTP/0.9\r\n\r\n',
  'GET /v\xe9 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /v2?\x7f HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http:// HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET ftp://x/v2 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET x HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET ? HTTP/1.1\r\nHost: x\r\n\r\n',
  'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n\x16\x03\x01',
  `${post}\r\n${body}`,
  `${post}Content-Length: ${body.length}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  `${post}Content-Length: ${body.length}, ${body.length}\r\n\r\n${body}`,
  `${post}Content-Length: +${body.length}\r\n\r\n${body}`,
  `${post}Content-Length: 5\r\n\r\n${body}`,
  `${post}Content-Length:\r\n\r\n${body}`,
  `${post}Transfer-Encoding: identity\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  `${post}Transfer-Encoding: gzip, chunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked, chunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: Chunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n19\r\n${body}\r\n0\r\nContent-Length: 3\r\n\r\n`,
  `${post.replace('1.1', '1.0')}Transfer-Encoding: chunked\r\n\r\n19\r\n${body}\r\n0\r\n\r\n`,
];

/** Requests whose end is missing. */
const cut: readonly string[] = [
  'G',
  'GET /v2 HTTP/1.1\r\nHost: x\r\n',
  'POST /v1/models/good/predict HTTP/1.1\r\nHost: x\r\nX-',
  `${post}Content-Length: 4000\r\n\r\n${body}`,
  `${post}Content-Length: 200000\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0`,
  `${post}Content-Length: 25\r\nExpect: 100-continue\r\n\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n19\r\n${body.slice(0, 9)}`,
  `${post}Transfer-Encoding: chunked\r\n\r\n19\r\n${body}\r\n`,
  `${post}Transfer-Encoding: chunked\r\n\r\n19\r\n${body}\r\n0\r\nX-Sum: 1\r\n`,
];

const tails = { malformed, disputed, cut };

export type TailKind = keyof typeof tails;

export const randomTail = (random: Random, kind: TailKind): string => random.pick(tails[kind]);
