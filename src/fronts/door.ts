import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connectionBacklog } from '../core/connection-backlog.js';

export interface DoorOptions {
  /** Gives the connection to a front; false where none can take it now. */
  readonly hand: (socket: Socket) => boolean;
}

/** The port that the fronts share. Accepts connections, reads nothing of them, and gives each to one front. */
export class Door {
  readonly #hand: DoorOptions['hand'];
  readonly #server: Server;
  /** Until a front can take them. */
  readonly #waiting = new Set<Socket>();
  #isClosed = false;

  constructor({ hand }: DoorOptions) {
    this.#hand = hand;
    this.#server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      // Who was reset before anybody read it is of no interest.
      socket.on('error', () => undefined);
      this.pass(socket);
    });
  }

  /** Resolves with the address. */
  async open({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
    this.#server.listen({ host, port, backlog: connectionBacklog });
    await once(this.#server, 'listening');
    const { address, family, port: bound } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
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

  /** To be called when a front can take connections. */
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
