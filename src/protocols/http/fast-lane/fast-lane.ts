import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { RequestIds } from '../request-id.js';
import { FastConnection } from './fast-connection.js';
import type { FastRoutes } from './fast-routes.js';
import { PlainHeads } from './plain-heads.js';
import { ReplyText } from './reply-text.js';
import { Turns } from './turns.js';

export interface FastLaneOptions {
  readonly routes: FastRoutes;
  readonly ids: RequestIds;
  readonly keepAliveTimeoutMs: number;
  readonly bodyLimitBytes: number;
  /** Whether this server is about to stop. */
  readonly isDraining: () => boolean;
}

/** What is longer gains nothing here, and one such request at a time may lie in memory for each connection. */
const maxRequestBytes = 64 * 1024;

/** How often, at least, connections are looked at whose callers have gone quiet. */
const longestSweepIntervalMs = 5000;

/**
 * Answers plain inference requests straight from the socket: Node's HTTP server and Fastify take 20 to 30 µs a request,
 * which for a small model is most of what it costs. Everything else on a connection is Node's and Fastify's to read.
 */
export function addFastLane(app: FastifyInstance, options: FastLaneOptions): void {
  const { routes, ids, keepAliveTimeoutMs, bodyLimitBytes, isDraining } = options;
  const { server } = app;
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  const connections = new Set<FastConnection>();
  let closing = false;
  const common = {
    heads: new PlainHeads(routes),
    turns: new Turns(),
    ids,
    replyText: new ReplyText(keepAliveTimeoutMs),
    isClosing: () => closing || isDraining(),
    keepAliveTimeoutMs,
    maxRequestBytes: Math.min(maxRequestBytes, bodyLimitBytes),
    handOver: (socket: Socket) => {
      for (const listener of listeners) listener.call(server, socket);
    },
    onGone: (connection: FastConnection) => connections.delete(connection),
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    common.turns.hurry();
    connections.add(new FastConnection(socket, common));
  });
  // One timer for all: a socket's own is wound up again with every read and write.
  const shortestLimitMs = Math.min(keepAliveTimeoutMs || Number.POSITIVE_INFINITY, longestSweepIntervalMs);
  const sweeping = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.closeIfForgotten(nowMs);
  }, shortestLimitMs).unref();
  app.addHook('preClose', (done) => {
    closing = true;
    clearInterval(sweeping);
    for (const connection of connections) connection.closeIfIdle();
    done();
  });
}
