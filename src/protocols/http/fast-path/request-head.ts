import type { IncomingHttpHeaders } from 'node:http';

/** The head of a plain POST: one that says nothing unusual about the connection or the body. */
export interface RequestHead {
  /** Without query. */
  readonly path: string;
  /** By name in lower case. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Length of the body. */
  readonly bodyBytes: number;
}

const requestLine = /^POST (\/[A-Za-z0-9/:._~-]*) HTTP\/1\.1$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): *((?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?)$/;
const length = /^\d{1,9}$/;

/** Headers that ask for more than to read a body of a known length and to answer. */
const unusual = new Set([
  'content-encoding',
  'expect',
  'http2-settings',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads a head, its last empty line excluded. Undefined for everything that is not entirely plain, be it wrong or just
 * rare: what it means is left to Node's parser, so that nothing is ever understood in a way of our own.
 */
export function readHead(text: string): RequestHead | undefined {
  const [first, ...lines] = text.split('\r\n');
  const path = requestLine.exec(first as string)?.[1];
  if (path === undefined) return undefined;
  const headers: IncomingHttpHeaders = {};
  for (const line of lines) {
    const [, written, value] = headerLine.exec(line) ?? [];
    if (written === undefined) return undefined;
    const name = written.toLowerCase();
    // A repeated header, or one that every object has.
    if (headers[name] !== undefined || unusual.has(name)) return undefined;
    headers[name] = value;
  }
  const { host, connection = 'keep-alive', 'content-length': bodyBytes } = headers;
  if (host === undefined || connection.toLowerCase() !== 'keep-alive') return undefined;
  if (bodyBytes === undefined || !length.test(bodyBytes)) return undefined;
  return { path, headers, bodyBytes: Number(bodyBytes) };
}
