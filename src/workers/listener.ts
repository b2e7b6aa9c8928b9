import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connectionBacklog } from '../core/connection-backlog.js';

export interface ListenerOptions {
  /** Gives the connection to a worker; false where none can take it now. */
  readonly hand: (socket: Socket) => boolean;
  /** Connections that this process may hold, until the workers have them. */
  readonly limit: number;
  /** Called where one more would be beyond that: it was closed. */
  readonly onCrowdedOut: () => void;
}

/** Where a server of every worker is reached. */
export interface ListenerAddress {
  /** The server's. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** What comes before the address where it is told as an URL. */
  readonly scheme?: string;
}

/** A port that the workers share. Accepts connections, reads nothing of them, and gives each to one worker. */
export class Listener {
  readonly #hand: ListenerOptions['hand'];
  readonly #server: Server;
  /** Until a worker can take them. */
  readonly #waiting = new Set<Socket>();
  #isClosed = false;

  constructor({ hand, limit, onCrowdedOut }: ListenerOptions) {
    this.#hand = hand;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      // Who was reset before anybody read it is of no interest.
      socket.on('error', () => undefined);
      this.pass(socket);
    });
    if (limit !== Number.POSITIVE_INFINITY) this.#server.maxConnections = limit;
    this.#server.on('drop', onCrowdedOut);
  }

  /** Resolves with the address. */
  async open({ host, port, scheme }: Pick<ListenerAddress, 'host' | 'port' | 'scheme'>): Promise<string> {
    this.#server.listen({ host, port, backlog: connectionBacklog });
    await once(this.#server, 'listening');
    // A connection that could not be accepted (out of file descriptors, say) is one less; the others are served.
    this.#server.on('error', () => undefined);
    const { address, family, port: bound } = this.#server.address() as AddressInfo;
    const authority = `${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
    return scheme === undefined ? authority : `${scheme}://${authority}`;
  }

  /** Also of a connection that came back untouched. */
  pass(socket: Socket): void {
    if (socket.destroyed) return;
    if (this.#isClosed) socket.destroy();
    else if (!this.#hand(socket)) {
      this.#waiting.add(socket);
      socket.once('close', () => this.#waiting.delete(socket));
    }
  }

  /** To be called when a worker can take connections. */
  passWaiting(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) this.pass(socket);
  }

  /** Accepts no further connection. */
  close(): void {
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#waiting) socket.destroy();
  }
}
