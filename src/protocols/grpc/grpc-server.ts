import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { TlsFiles } from '../../access/tls-files.js';
import { connectionBacklog } from '../../core/connection-backlog.js';
import { CrowdedOut } from '../../core/crowded-out.js';
import { CrowdAcceptor } from '../crowd-acceptor.js';
import type { ProtocolServer } from '../protocol-server.js';
import type { ArrivingCalls } from './arriving-calls.js';
import type { GrpcMethod } from './grpc-method.js';
import type { StalledCallers } from './stalled-callers.js';
import { asSent } from './wire/parted-message.js';

export interface GrpcServerOptions {
  readonly methods: readonly GrpcMethod[];
  readonly arrivals: ArrivingCalls;
  /** Calls that would never end by themselves. */
  readonly openStreams: OpenStreams;
  readonly stalls: StalledCallers;
  readonly host: string;
  readonly port: number;
  /** Largest message. */
  readonly messageLimitBytes: number;
  readonly keepAliveTimeoutMs: number;
  /** Given where connections are encrypted; else h2c. */
  readonly tls?: TlsFiles | undefined;
  /** Connections that this process may hold where it accepts them itself: beyond, no engine could be started again. */
  readonly connectionLimit: number;
  readonly warn: (message: string) => void;
  readonly onError: (error: Error) => void;
}

/** Streams that end when the server stops, or it never would. */
export interface OpenStreams {
  drain(): void;
  /** What was taken is answered first. */
  close(): void;
}

/** Callers open more connections for more calls at a time. */
const mostStreams = 1024;
/** A caller that is gone without a word is noticed. */
const pings = { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 20_000 };
/** Until the process ends whatever is left. */
const endlessMs = 2 ** 31 - 1;

/** After which connections without a call are ended. */
const lingerMs = 500;

const identity = (message: Buffer): Buffer => message;

/** gRPC over connections that this process accepts, or another: both go the same way. */
export function grpcServer(options: GrpcServerOptions): ProtocolServer {
  const { methods, arrivals, openStreams, stalls, messageLimitBytes, keepAliveTimeoutMs } = options;
  const { connectionLimit: limit, warn } = options;
  // It would print what callers send.
  setLogVerbosity(logVerbosity.NONE);
  const grpc = new Server({
    'grpc.max_receive_message_length': messageLimitBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': mostStreams,
    'grpc.max_connection_idle_ms': keepAliveTimeoutMs,
    'grpc.enable_channelz': 0,
    ...pings,
    interceptors: [arrivals.interceptor],
  });
  for (const method of methods) grpc.register(method.path, method.handle, asSent, identity, method.kind);
  const connectionsBy = (credentials: ServerCredentials) => grpc.createConnectionInjector(credentials);
  let connections = connectionsBy(credentialsOf(options.tls));
  /** The current one, and those before whose certificates have been replaced, until their last connection has closed. */
  const inUse = new Map([[connections, 0]]);
  options.tls?.onChange(() => {
    if (inUse.get(connections) === 0) inUse.delete(connections);
    connections = connectionsBy(credentialsOf(options.tls));
    inUse.set(connections, 0);
  });
  const count = (injector: typeof connections, change: 1 | -1): void => {
    const open = (inUse.get(injector) ?? 0) + change;
    if (open === 0 && injector !== connections) inUse.delete(injector);
    else inUse.set(injector, open);
  };
  const take = (socket: Socket): void => {
    // Who is reset is gone; its calls hear of it.
    socket.on('error', () => undefined);
    stalls.add(socket);
    const injector = connections;
    count(injector, 1);
    socket.once('close', () => count(injector, -1));
    injector.injectConnection(socket);
  };
  const destroy = (): void => {
    for (const socket of stalls.sockets) socket.destroy();
  };
  const listener = createServer({ noDelay: true }, take);
  listener.on('error', options.onError);
  let acceptor: CrowdAcceptor | undefined;
  return {
    name: 'grpc',
    listen: async (path) => {
      // Nobody calls at a path: connections come by `take`.
      if (path !== undefined) return path;
      const crowdedOut = new CrowdedOut({ limit, warn });
      const onCrowdedOut = (): void => crowdedOut.note();
      const address = await listen(listener, onCrowdedOut, options);
      acceptor = new CrowdAcceptor({ server: listener, limit, onCrowdedOut });
      return address;
    },
    take,
    drain: () => {
      openStreams.drain();
      // Tells every caller to open its next connection elsewhere, and answers what it has begun.
      for (const injector of inUse.keys()) injector.drain(endlessMs);
    },
    close: async () => {
      const isClosed = listener.listening ? once(listener, 'close') : undefined;
      listener.close();
      const areCopiesClosed = acceptor?.close();
      openStreams.close();
      // Not what it calls back: it waits for ever where a connection has just been destroyed.
      grpc.tryShutdown(() => undefined);
      const gone = Promise.all([isClosed, areCopiesClosed, ...Array.from(stalls.sockets, (socket) => closed(socket))]);
      await arrivals.open.ended();
      // What is left are calls of methods that there are not, whose messages grpc-js never reads.
      const linger = setTimeout(destroy, lingerMs);
      await gone;
      clearTimeout(linger);
      arrivals.close();
    },
    destroy,
  };
}

function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, ca } = tls.material;
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(ca === undefined ? null : Buffer.from(ca), [pair], tls.asksForCertificates);
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve());
  });

async function listen(
  listener: ReturnType<typeof createServer>,
  onCrowdedOut: () => void,
  { host, port, connectionLimit: limit }: GrpcServerOptions,
): Promise<string> {
  if (limit !== Number.POSITIVE_INFINITY) listener.maxConnections = limit;
  listener.on('drop', onCrowdedOut);
  listener.listen({ host: host.replace(/^\[(.*)\]$/, '$1'), port, backlog: connectionBacklog });
  await once(listener, 'listening');
  const { address, family, port: bound } = listener.address() as AddressInfo;
  return `${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
}
