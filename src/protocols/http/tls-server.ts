import type { ServerOptions } from 'node:http';
import type { TlsOptions, Server as TlsServer } from 'node:tls';
import type { TlsFiles } from '../../access/tls-files.js';

/** A caller that has not shown who it is by then is gone. */
const handshakeTimeoutMs = 10_000;

/** The part of Fastify's options that makes its server one of HTTP or of HTTPS. */
export function serverOptions(http: ServerOptions, tls: TlsFiles | undefined, asks = true): { http: ServerOptions } {
  if (tls === undefined) return { http };
  const asksForCertificates = asks && tls.asksForCertificates;
  const https: TlsOptions & ServerOptions = {
    ...http,
    ...tls.material,
    requestCert: asksForCertificates,
    rejectUnauthorized: asksForCertificates,
    handshakeTimeout: handshakeTimeoutMs,
  };
  // Fastify has another type for each kind of server; the routes are the same.
  return { https } as unknown as { http: ServerOptions };
}

/** New connections see the certificates that are valid then. What is no TLS, or shows no certificate, is cut off. */
export function keepCertificates(server: TlsServer, tls: TlsFiles): void {
  tls.onChange((material) => server.setSecureContext(material));
  // Nothing can be answered: nobody is there to read it.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket) => socket.destroy());
}

/** The event of a server that says: a connection is there, and can be read. */
export const connectionEvent = (tls: TlsFiles | undefined): 'connection' | 'secureConnection' =>
  tls === undefined ? 'connection' : 'secureConnection';
