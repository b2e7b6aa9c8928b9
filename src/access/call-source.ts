import { isIPv4 } from 'node:net';

/** Headers by their names in lower case, or gRPC's metadata. */
export type CallHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What a call tells about where it comes from. Nothing in its headers makes it one of this machine. */
export interface CallSource {
  readonly headers: CallHeaders;
  /** Of the socket. */
  readonly peerAddress: string | undefined;
  readonly httpVersion: string;
}

/** Also as an IPv6 socket writes it. */
export function isLoopbackAddress(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/i, '');
  return plain === '::1' || (plain !== undefined && isIPv4(plain) && plain.startsWith('127.'));
}

/** Headers by which proxies tell for whom they ask; whatever begins with `x-forwarded` is one of them, too. */
const proxyHeaders: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-host',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]);

/**
 * By what a call shows that a proxy passed it on, so that its peer is not its caller. HTTP/1.0 counts: nginx speaks it to
 * its servers where nothing is configured, and adds no header then.
 */
export function passedOnBy({ headers, httpVersion }: Pick<CallSource, 'headers' | 'httpVersion'>): string | undefined {
  const header = Object.keys(headers).find((name) => proxyHeaders.has(name) || name.startsWith('x-forwarded'));
  if (header !== undefined) return `header ${header}`;
  return httpVersion === '1.0' ? 'HTTP/1.0' : undefined;
}
