import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionIntakeOptions {
  /** Tells how many connections have ended since the last time. */
  readonly onClosed: (count: number) => void;
}

/** Connections that another process accepted. The HTTP server reads them as if they were its own, but cannot count them. */
export class ConnectionIntake {
  readonly #options: ConnectionIntakeOptions;
  readonly #open = new Set<Socket>();
  #server: Server | undefined;
  #closedUntold = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(options: ConnectionIntakeOptions) {
    this.#options = options;
  }

  /** From here on connections are given to this server. */
  attach(server: Server): void {
    this.#server = server;
  }

  /** Of a socket of which nothing was read yet; undefined where the caller was gone before it came here. */
  take(socket: Socket | undefined): void {
    if (socket === undefined || this.#server === undefined) {
      socket?.destroy();
      this.#noteClosed();
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#noteClosed();
      if (this.#open.size === 0) this.#whenEmpty?.();
    });
    // As Node's server makes those it accepts itself: an answer may still be written when the caller sends no more.
    socket.allowHalfOpen = true;
    this.#server.emit('connection', socket);
  }

  /** Resolves when no connection is open. */
  emptied(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  closeAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** One message for all that end in one turn of the event loop. */
  #noteClosed(): void {
    if (this.#closedUntold++ > 0) return;
    setImmediate(() => {
      const count = this.#closedUntold;
      this.#closedUntold = 0;
      this.#options.onClosed(count);
    });
  }
}
