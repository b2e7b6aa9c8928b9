import { Fifo } from '../core/fifo.js';
import type { Piece } from './active-request.js';

/**
 * Pieces whose run failed through a neighbour or the engine; each runs again by itself, before everything that waits.
 * Only one that has ended a process by itself waits until a batch of others was answered: a flood of poison must
 * not keep the others from being served.
 */
export class RetryQueue {
  readonly #victims = new Fifo<Piece>();
  readonly #suspects = new Fifo<Piece>();
  #isSuspectsTurn = false;

  add(piece: Piece): void {
    this.#queueOf(piece).push(piece);
  }

  /** Gives a piece back that could not be started. */
  giveBack(piece: Piece): void {
    this.#queueOf(piece).unshift(piece);
    if (piece.isSuspect) this.#isSuspectsTurn = true;
  }

  /** A batch of others was answered. */
  othersWereServed(): void {
    this.#isSuspectsTurn = true;
  }

  /** Takes the piece whose turn it is, if it is any's. */
  next({ othersWait }: { readonly othersWait: boolean }): Piece | undefined {
    const victim = takeOpen(this.#victims);
    if (victim !== undefined || (othersWait && !this.#isSuspectsTurn)) return victim;
    this.#isSuspectsTurn = false;
    return takeOpen(this.#suspects);
  }

  #queueOf(piece: Piece): Fifo<Piece> {
    return piece.isSuspect ? this.#suspects : this.#victims;
  }
}

/** Pieces settled meanwhile (canceled, expired) are dropped on the way. */
function takeOpen(queue: Fifo<Piece>): Piece | undefined {
  let piece = queue.shift();
  while (piece?.owner.settled) piece = queue.shift();
  return piece;
}
