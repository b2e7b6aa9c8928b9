import { Fifo } from '../core/fifo.js';
import type { Piece } from './active-request.js';

/** Pieces of one shape and priority: callers take turns, each caller's own are first in, first out. */
export class PieceQueue {
  /** In turn order: the next caller to serve is the first. */
  readonly #callers = new Map<string, Fifo<Piece>>();

  push(piece: Piece): void {
    this.#queueOf(piece).push(piece);
  }

  /** Gives a piece back that was taken but could not be sent. */
  unshift(piece: Piece): void {
    this.#queueOf(piece).unshift(piece);
  }

  /** The piece that `take` would give. Pieces settled meanwhile (canceled, expired) are dropped on the way. */
  peek(): Piece | undefined {
    for (const [caller, queue] of this.#callers) {
      const piece = firstOpen(queue);
      if (piece !== undefined) return piece;
      if (this.#callers.size > 1) this.#callers.delete(caller);
    }
    return undefined;
  }

  take(): Piece | undefined {
    const piece = this.peek();
    if (piece === undefined) return undefined;
    const caller = callerOf(piece);
    const queue = this.#callers.get(caller) as Fifo<Piece>;
    queue.shift();
    // A sole caller keeps its queue, empty or not: mostly there is no other.
    if (this.#callers.size > 1) {
      this.#callers.delete(caller);
      if (queue.length > 0) this.#callers.set(caller, queue);
    }
    return piece;
  }

  /** Enqueued first among the callers' heads; Infinity when empty. */
  oldestEnqueuedAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const queue of this.#callers.values()) {
      oldest = Math.min(oldest, firstOpen(queue)?.owner.enqueuedAtMs ?? Number.POSITIVE_INFINITY);
    }
    return oldest;
  }

  #queueOf(piece: Piece): Fifo<Piece> {
    const caller = callerOf(piece);
    let queue = this.#callers.get(caller);
    if (queue === undefined) {
      queue = new Fifo();
      this.#callers.set(caller, queue);
    }
    return queue;
  }
}

const callerOf = (piece: Piece): string => piece.owner.request.caller ?? '';

function firstOpen(queue: Fifo<Piece>): Piece | undefined {
  let piece = queue.peek();
  while (piece?.owner.settled) {
    queue.shift();
    piece = queue.peek();
  }
  return piece;
}
