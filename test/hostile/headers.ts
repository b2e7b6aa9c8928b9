import type { Random } from '../support/random.js';

export const methods = [
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'PURGE',
  'CONNECT',
];

export const contentTypes = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-16',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'application/vnd.api+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/pdf',
  'image/jpeg',
  '*/*',
  'application/json, application/json',
  ';',
  '',
];

export const hosts = [
  'x',
  'localhost',
  '127.0.0.1:80',
  '[::1]',
  '[::1]:8080',
  'evil.example',
  'a'.repeat(300),
  'x:99999',
  'user@x',
  '%00',
];

/** Well-formed as far as the grammar goes, whatever they mean. */
const oddHeaders = [
  'TE: trailers',
  'TE: gzip;q=0.5, chunked',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13',
  'Connection: keep-alive, x-request-id',
  'Keep-Alive: timeout=0, max=0',
  'Accept: text/html',
  'Accept: application/xml;q=0.9, */*;q=0',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Encoding: *;q=0',
  'Accept-Encoding: identity;q=0',
  'Accept-Encoding: gzip;q=banana, br;q=-1',
  `Accept-Encoding: ${'gzip;q=0.1, '.repeat(300)}br`,
  'Inference-Header-Content-Length: 0',
  'Inference-Header-Content-Length: 1',
  'Inference-Header-Content-Length: 999999999999',
  'Inference-Header-Content-Length: -1',
  'Inference-Header-Content-Length: 1, 2',
  'X-Request-Timeout-Ms: nan',
  'X-Request-Timeout-Ms: -1',
  'X-Request-Timeout-Ms: 99999999999999999999',
  'X-Request-Timeout-Ms: 0x10',
  'X-Request-Priority: -5',
  'X-Request-Priority: 1e9',
  'X-Request-Priority: high',
  'X-Request-Id: \xe9\xff; a="b"',
  `X-Request-Id: ${'i'.repeat(4000)}`,
  'X-Request-Id:',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'traceparent: 00-00000000000000000000000000000000-0000000000000000-ff',
  'Range: bytes=0-1',
  'Range: bytes=5-1,-0',
  'If-None-Match: *',
  'If-Match: "x"',
  'If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT',
  'Origin: http://evil.example\r\nSec-Fetch-Site: cross-site',
  'Origin: null\r\nSec-Fetch-Site: none',
  'Access-Control-Request-Method: POST\r\nOrigin: http://x',
  'Authorization: Bearer x',
  'Authorization: Basic ::::',
  'X-Forwarded-For: 1.2.3.4, <script>',
  'X-Forwarded-Prefix: //evil.example',
  'X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: javascript',
  'X-HTTP-Method-Override: DELETE',
  'X-Original-URL: /v2/repository/models/good/unload',
  `Cookie: ${'a=b; '.repeat(800)}`,
  `X-Long: ${'a'.repeat(9000)}`,
  Array.from({ length: 400 }, (_, at) => `X-${at}: ${at}`).join('\r\n'),
  'Content-Language: x\r\nContent-Language: y',
  'Content-MD5: x',
  'Content-Range: bytes 0-1/2',
  'Proxy-Connection: keep-alive',
  'Max-Forwards: 0',
  '__proto__: x',
  'constructor: x',
  'Trailer: X-Sum',
];

/** `mayTimeOut`: 504 is a right answer to it. */
export function oddHeader(random: Random): { readonly text: string; readonly mayTimeOut: boolean } {
  if (random.integer(20) === 0) return { text: 'X-Request-Timeout-Ms: 1', mayTimeOut: true };
  return { text: random.pick(oddHeaders), mayTimeOut: false };
}

export const expectations = ['100-continue', '100-Continue', '200-ok', '100-continue, x', ''];
