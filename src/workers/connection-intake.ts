import type { Socket } from 'node:net';

export interface ConnectionIntakeOptions {
  /** Tells how many connections have ended since the last time. */
  readonly onClosed: (count: number) => void;
}

/** A server whose connections another process accepts. */
export interface ConnectionTaker {
  /** Of its listener. */
  readonly name: string;
  take(connection: Socket): void;
}

/** Connections that another process accepted, each for the server of one listener. Servers read them as if they were their own, but cannot count them. */
export class ConnectionIntake {
  readonly #options: ConnectionIntakeOptions;
  readonly #open = new Set<Socket>();
  readonly #takers = new Map<string, ConnectionTaker>();
  #closedUntold = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(options: ConnectionIntakeOptions) {
    this.#options = options;
  }

  /** From here on connections of its listener are given to this server. */
  attach(taker: ConnectionTaker): void {
    this.#takers.set(taker.name, taker);
  }

  /** Of a socket of which nothing was read yet; undefined where the caller was gone before it came here. */
  take(listener: string, socket: Socket | undefined): void {
    const taker = this.#takers.get(listener);
    if (socket === undefined || taker === undefined) {
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
    taker.take(socket);
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
