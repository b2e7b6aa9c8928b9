import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connectionBacklog } from '../core/connection-backlog.js';

export interface CrowdAcceptorOptions {
  /** It listens already, and gets every connection as if it had accepted it itself. */
  readonly server: Server;
  /** Connections that this process may hold; `Infinity` is no limit. */
  readonly limit: number;
  /** Called where one more would be beyond that: it was closed. */
  readonly onCrowdedOut: () => void;
  /** Copies of the listening socket. */
  readonly copies?: number;
}

/** Connections came in so many turns of the event loop in a row: more may stand behind them. */
const crowdedTurns = 16;

const copier = fileURLToPath(new URL('./handle-copier.js', import.meta.url));

/**
 * Lets in many connections in a turn of the event loop. Node accepts one for each listening handle: where turns are long
 * and callers open connections faster than that, everybody waits for seconds, a gateway's health check among them. In a
 * crowd, a short-lived process sends the listening handle back, several times over: each copy is a handle to the same
 * socket, and accepts one connection a turn. Where that process cannot be had everything stays as it was.
 */
export class CrowdAcceptor {
  readonly #options: CrowdAcceptorOptions;
  readonly #acceptors: Server[] = [];
  /** Connections that the copies accepted, and that are open. */
  readonly #accepted = new Set<Socket>();
  #crowdedTurns = 0;
  #isCrowdedTurn = false;
  #copier: ChildProcess | undefined;
  #isClosed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(options: CrowdAcceptorOptions) {
    this.#options = options;
    options.server.on('connection', this.#onConnection);
  }

  readonly #onConnection = (): void => {
    if (this.#isCrowdedTurn) return;
    this.#isCrowdedTurn = true;
    if (this.#crowdedTurns === 0) setImmediate(this.#onTurn);
  };

  readonly #onTurn = (): void => {
    this.#crowdedTurns = this.#isCrowdedTurn ? this.#crowdedTurns + 1 : 0;
    this.#isCrowdedTurn = false;
    if (this.#crowdedTurns === crowdedTurns) this.#copyHandle();
    else if (this.#crowdedTurns > 0) setImmediate(this.#onTurn);
  };

  #copyHandle(): void {
    const { server, copies = 15 } = this.#options;
    server.off('connection', this.#onConnection);
    if (this.#isClosed) return;
    const child = spawn(process.execPath, [copier], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: {} });
    this.#copier = child;
    child.unref();
    child.channel?.unref();
    child.on('error', () => undefined);
    child.on('message', (_, handle) => {
      if (handle !== undefined) this.#accept(handle);
      if (this.#acceptors.length === copies && child.connected) child.disconnect();
    });
    // The handle itself: a server that is sent would begin to accept in the other process.
    const { _handle: handle } = server as unknown as { readonly _handle: Server | null };
    if (handle !== null) child.send(copies, handle, () => undefined);
  }

  #accept(handle: unknown): void {
    // Node's declarations leave it out.
    const { allowHalfOpen } = this.#options.server as Server & { readonly allowHalfOpen: boolean };
    const acceptor = createServer({ noDelay: true, allowHalfOpen }, this.#take);
    this.#acceptors.push(acceptor);
    acceptor.on('error', () => undefined);
    acceptor.listen(handle, connectionBacklog);
    if (this.#isClosed) acceptor.close();
  }

  readonly #take = (socket: Socket): void => {
    const { server, limit, onCrowdedOut } = this.#options;
    const accepted = this.#accepted;
    accepted.add(socket);
    socket.once('close', () => {
      accepted.delete(socket);
      if (limit !== Number.POSITIVE_INFINITY) server.maxConnections = limit - accepted.size;
      if (accepted.size === 0) this.#whenEmpty?.();
    });
    if (limit === Number.POSITIVE_INFINITY) {
      server.emit('connection', socket);
      return;
    }
    server.maxConnections = limit - accepted.size;
    // Told before anything else happens.
    server.getConnections((_, own) => {
      if (own + accepted.size <= limit) server.emit('connection', socket);
      else {
        socket.destroy();
        onCrowdedOut();
      }
    });
  };

  /** Accepts nothing any more; resolves once every connection that the copies accepted is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.server.off('connection', this.#onConnection);
    for (const acceptor of this.#acceptors) acceptor.close();
    await this.#copierEnded();
    if (this.#accepted.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  /** As long as it lives, the socket is open there and connections are let in that nobody takes. */
  async #copierEnded(): Promise<void> {
    const copier = this.#copier;
    if (copier?.pid === undefined || copier.exitCode !== null || copier.signalCode !== null) return;
    // Nothing else may be left that keeps this process until then.
    copier.ref();
    copier.kill('SIGKILL');
    await once(copier, 'exit');
  }

  /** Ends every connection that the copies accepted. */
  destroy(): void {
    for (const socket of this.#accepted) socket.destroy();
  }
}
