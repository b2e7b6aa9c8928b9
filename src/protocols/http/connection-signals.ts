import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';

/**
 * One AbortSignal a connection, aborted when it closes: an HTTP/1.1 connection that is gone takes every caller
 * waiting on it along, and one signal for all its requests costs a keep-alive client nothing.
 */
export class ConnectionSignals {
  readonly #controllers = new WeakMap<Socket, AbortController>();

  of(socket: Socket): AbortSignal {
    const known = this.#controllers.get(socket);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    // Pipelined requests all listen to the same signal.
    setMaxListeners(0, controller.signal);
    this.#controllers.set(socket, controller);
    if (socket.destroyed) controller.abort();
    else socket.once('close', () => controller.abort());
    return controller.signal;
  }
}
