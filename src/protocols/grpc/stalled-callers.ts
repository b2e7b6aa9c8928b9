import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ResponseHold } from '../../inference/held-responses.js';
import { cutOff } from '../protocol-server.js';

/** A call of grpc-js. */
interface AnsweredCall extends EventEmitter {
  readonly cancelled: boolean;
  getPeer(): string;
}

const looks = 10;

/**
 * Connections, and the large answers that their callers have not taken: a connection on which nothing moves for so long
 * while one waits is ended.
 */
export class StalledCallers {
  readonly #timeoutMs: number;
  readonly #sockets = new Set<Socket>();
  /** The latest of each: a port may have a new caller before the connection of the last one is known to be over. */
  readonly #byPeer = new Map<string, Socket>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Those that are open. */
  get sockets(): Iterable<Socket> {
    return this.#sockets;
  }

  add(socket: Socket): void {
    // As grpc-js names the peer of a call.
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.add(socket);
    this.#byPeer.set(peer, socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer);
    });
  }

  /** Releases the hold when the answer that is sent now was taken, which may be told by what is given back, or the caller is gone. */
  watch(call: AnsweredCall, hold: ResponseHold): () => void {
    const socket = this.#byPeer.get(call.getPeer());
    const watch = socket && this.#watch(socket);
    const end = (): void => {
      call.off('cancelled', end);
      clearInterval(watch);
      hold.release();
    };
    // Emitted, too, when a call has ended well.
    if (call.cancelled) end();
    else call.once('cancelled', end);
    return end;
  }

  #watch(socket: Socket): NodeJS.Timeout {
    let written = socket.bytesWritten;
    let idle = 0;
    return setInterval(() => {
      idle = socket.bytesWritten === written ? idle + 1 : 0;
      written = socket.bytesWritten;
      if (idle >= looks) cutOff(socket);
    }, this.#timeoutMs / looks).unref();
  }
}
