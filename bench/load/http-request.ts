import type { RequestBody } from '../workloads/request-body.js';

/** A whole POST, head and body, as it goes over the wire. */
export function httpRequest(path: string, { headers, bytes }: RequestBody, host = '127.0.0.1'): Uint8Array {
  const lines = Object.entries({ host, ...headers, 'content-length': String(bytes.length) });
  const head = `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}
