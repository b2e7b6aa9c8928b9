import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../../../access/access.js';
import type { TlsFiles } from '../../../access/tls-files.js';
import type { RequestIds } from '../../call-headers.js';
import type { HttpCallSettings } from '../http-call.js';
import { connectionEvent } from '../tls-server.js';
import { FairStart } from './fair-start.js';
import { type Closing, FastConnection } from './fast-connection.js';
import type { FastRoutes } from './fast-routes.js';
import { PlainHeads, ResponseText } from './http-text.js';

export interface FastPathOptions {
  readonly routes: FastRoutes;
  readonly ids: RequestIds;
  readonly calls: HttpCallSettings;
  readonly keepAliveTimeoutMs: number;
  readonly bodyLimitBytes: number;
  /** After which a caller that takes nothing of its answer is cut off. */
  readonly stallTimeoutMs: number;
  readonly closing: Closing;
  /** Given where callers have to say who they are. */
  readonly access?: Access;
  /** Given where connections are encrypted. */
  readonly tls?: TlsFiles | undefined;
}

/** What is longer gains nothing here, and one such request at a time may lie in memory for each connection. */
const maxRequestBytes = 64 * 1024;

/** How often, at least, connections are looked at whose callers have gone quiet. */
const longestSweepIntervalMs = 5000;

/**
 * Answers plain inference requests straight from the socket: Node's HTTP server and Fastify take 20 to 30 µs a request,
 * which for a small model is most of what it costs. Everything else on a connection is Node's and Fastify's to read.
 */
export function addFastPath(app: FastifyInstance, options: FastPathOptions): void {
  const { routes, ids, calls, access, keepAliveTimeoutMs, bodyLimitBytes, stallTimeoutMs, closing } = options;
  const { server } = app;
  const event = connectionEvent(options.tls);
  const listeners = server.listeners(event) as ((socket: Socket) => void)[];
  const connections = new Set<FastConnection>();
  const common = {
    heads: new PlainHeads(routes),
    starts: new FairStart(),
    ids,
    calls,
    access,
    responseText: new ResponseText(keepAliveTimeoutMs),
    closing,
    keepAliveTimeoutMs,
    stallTimeoutMs,
    maxRequestBytes: Math.min(maxRequestBytes, bodyLimitBytes),
    handOver: (socket: Socket) => {
      for (const listener of listeners) listener.call(server, socket);
    },
    onGone: (connection: FastConnection) => connections.delete(connection),
  };
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    common.starts.hurry();
    connections.add(new FastConnection(socket, common));
  });
  // One timer for all: a socket's own is wound up again with every read and write.
  const shortestLimitMs = Math.min(keepAliveTimeoutMs || Number.POSITIVE_INFINITY, longestSweepIntervalMs);
  const sweeping = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.closeIfForgotten(nowMs);
  }, shortestLimitMs).unref();
  app.addHook('preClose', (done) => {
    closing.isClosing = true;
    clearInterval(sweeping);
    for (const connection of connections) connection.closeIfIdle();
    done();
  });
}
