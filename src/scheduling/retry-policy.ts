import { Fifo } from '../core/fifo.js';
import { endsAllowed, type ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';
import { type Chunk, isOpen } from './active-request.js';

/**
 * What becomes of a chunk whose engine process ended: an error to answer it with, or undefined when it is to be
 * run again (alone). Only a chunk that was being computed by itself is found to be poison; what ended with it before, in
 * company, is held against it then.
 */
export function failureAfter(chunk: Chunk, failure: ProcessFailure, ranAlone: boolean): ServingError | undefined {
  if (failure.kind === 'CLOSED')
    return new ServingError('UNAVAILABLE', 'the model is being unloaded', { cause: failure });
  if (!failure.wasRunning) return undefined;
  if (failure.wasKilled) {
    if (ranAlone) chunk.kills++;
    return chunk.kills > endsAllowed.kills ? poisonous(failure) : undefined;
  }
  chunk.crashes++;
  if (!ranAlone) return undefined;
  chunk.isSuspect = true;
  return chunk.crashes > endsAllowed.crashes ? poisonous(failure) : undefined;
}

function poisonous(cause: ProcessFailure): ServingError {
  const isEndless = cause.kind === 'RUN_TIMEOUT' || cause.kind === 'STALLED';
  const message = isEndless
    ? 'the model did not finish computing this request within its run time limit, more than once; it is not tried again'
    : `this request ended the model's engine process each time it was computed (${cause.exit}); it is not tried again`;
  return new ServingError('INTERNAL', message, { cause });
}

/**
 * Chunks whose run failed through a neighbour or the engine; each runs again by itself, before everything that waits.
 * Only one that has ended a process by itself waits until a batch of others was answered: a flood of poison must
 * not keep the others from being served.
 */
export class RetryQueue {
  /** Chunks in it, those included that nobody waits for any more. */
  length = 0;
  /** A batch of others was served since a suspect last had its turn. */
  isSuspectsTurn = false;
  readonly #unsuspected = new Fifo<Chunk>();
  readonly #suspects = new Fifo<Chunk>();

  add(chunk: Chunk): void {
    this.#queueOf(chunk).push(chunk);
    this.length++;
  }

  /** Gives a chunk back that could not be started. */
  giveBack(chunk: Chunk): void {
    this.#queueOf(chunk).unshift(chunk);
    this.length++;
    if (chunk.isSuspect) this.isSuspectsTurn = true;
  }

  /** Takes the chunk whose turn it is, if it is any's. */
  next({ othersWait }: { readonly othersWait: boolean }): Chunk | undefined {
    const unsuspected = this.#takeOpen(this.#unsuspected);
    if (unsuspected !== undefined || (othersWait && !this.isSuspectsTurn)) return unsuspected;
    this.isSuspectsTurn = false;
    return this.#takeOpen(this.#suspects);
  }

  #queueOf(chunk: Chunk): Fifo<Chunk> {
    return chunk.isSuspect ? this.#suspects : this.#unsuspected;
  }

  /** Chunks that nobody waits for any more (canceled, expired, cut anew) are dropped on the way. */
  #takeOpen(queue: Fifo<Chunk>): Chunk | undefined {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      this.length--;
      if (isOpen(chunk)) return chunk;
    }
    return undefined;
  }
}
