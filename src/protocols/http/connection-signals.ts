import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';

/**
 * Listens to every signal as long as it lives. Without it the last listener's end would empty the signal's map of
 * listeners, at every request; emptied and filled again, such a map goes from table to table, and in V8 each old table
 * keeps what was in it alive, the whole request, until the next collection of the whole heap.
 */
const nobody = (): void => undefined;

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
    controller.signal.addEventListener('abort', nobody);
    this.#controllers.set(socket, controller);
    if (socket.destroyed) controller.abort();
    else socket.once('close', () => controller.abort());
    return controller.signal;
  }
}
