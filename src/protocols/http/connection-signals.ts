import type { Socket } from 'node:net';
import type { CallerSignal } from '../../core/inference.js';
import { CancelSignal } from '../../inference/inference-call.js';

/**
 * One signal a connection, aborted when it closes: an HTTP/1.1 connection that is gone takes every caller waiting on it
 * along, and one signal for all its requests costs a keep-alive client nothing.
 */
export class ConnectionSignals {
  readonly #signals = new WeakMap<Socket, CancelSignal>();

  of(socket: Socket): CallerSignal {
    const known = this.#signals.get(socket);
    if (known !== undefined) return known;
    const signal = new CancelSignal();
    this.#signals.set(socket, signal);
    if (socket.destroyed) signal.abort();
    else socket.once('close', () => signal.abort());
    return signal;
  }
}
