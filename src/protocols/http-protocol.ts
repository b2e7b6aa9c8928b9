import type { Socket } from 'node:net';
import { connectionBacklog } from '../core/connection-backlog.js';
import { CrowdedOut } from '../core/crowded-out.js';
import { CrowdAcceptor } from './crowd-acceptor.js';
import { createHttpServer, type HttpServerOptions } from './http-server.js';
import type { ProtocolServer } from './protocol-server.js';

export interface HttpProtocolOptions extends Omit<HttpServerOptions, 'closing'> {
  readonly host: string;
  readonly port: number;
  /** Connections that this process may hold where it accepts them itself: beyond, no engine could be started again. */
  readonly connectionLimit: number;
  readonly warn: (message: string) => void;
}

/** HTTP, as the Service starts, drains and stops it. */
export async function httpProtocol(options: HttpProtocolOptions): Promise<ProtocolServer> {
  const { host, port, connectionLimit: limit, warn } = options;
  const closing = { isClosing: false };
  const app = await createHttpServer({ ...options, closing });
  const { server } = app;
  let acceptor: CrowdAcceptor | undefined;
  return {
    name: options.listener === 'management' ? 'management' : 'http',
    listen: async (path) => {
      // Nobody calls at a path. Without listening somewhere Node's server neither times connections out nor closes them.
      if (path !== undefined) return app.listen({ path });
      const crowdedOut = new CrowdedOut({ limit, warn });
      const onCrowdedOut = (): void => crowdedOut.note();
      if (limit !== Number.POSITIVE_INFINITY) server.maxConnections = limit;
      server.on('drop', onCrowdedOut);
      const address = await app.listen({ host, port, backlog: connectionBacklog });
      acceptor = new CrowdAcceptor({ server, limit, onCrowdedOut });
      return address;
    },
    take: (connection: Socket) => {
      // As Node's server makes those it accepts itself: an answer may still be written when the caller sends no more.
      connection.allowHalfOpen = true;
      server.emit('connection', connection);
    },
    drain: () => {
      closing.isClosing = true;
    },
    close: async () => {
      await Promise.all([app.close(), acceptor?.close()]);
    },
    destroy: () => {
      server.closeAllConnections();
      acceptor?.destroy();
    },
  };
}
