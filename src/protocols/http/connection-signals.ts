import type { Socket } from 'node:net';
import type { CallerListener, CallerSignal } from '../../core/inference.js';

/**
 * One signal a connection, aborted when it closes: an HTTP/1.1 connection that is gone takes every caller waiting on it
 * along, and one signal for all its requests costs a keep-alive client nothing.
 */
export class ConnectionSignals {
  readonly #signals = new WeakMap<Socket, ConnectionSignal>();

  of(socket: Socket): CallerSignal {
    const known = this.#signals.get(socket);
    if (known !== undefined) return known;
    const signal = new ConnectionSignal();
    this.#signals.set(socket, signal);
    if (socket.destroyed) signal.abort();
    else socket.once('close', () => signal.abort());
    return signal;
  }
}

/**
 * What a request needs of an AbortSignal, at a tenth of its cost: requests come and go by the thousand, and hardly ever
 * is more than one waiting on a connection.
 */
class ConnectionSignal implements CallerSignal {
  aborted = false;
  readonly #listeners: CallerListener[] = [];

  addEventListener(_type: 'abort', listener: CallerListener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: CallerListener): void {
    const last = this.#listeners.pop();
    if (last === listener || last === undefined) return;
    const at = this.#listeners.indexOf(listener);
    if (at === -1) this.#listeners.push(last);
    else this.#listeners[at] = last;
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }
}
