import type { ModelVersionId } from '../core/model.js';
import type { ServingError } from '../core/serving-error.js';
import type { ServingEmitter } from '../core/serving-observer.js';
import type { ActiveRequest, RequestKeeper } from './active-request.js';
import type { RequestQueue } from './request-queue.js';

export interface OpenRequestsOptions {
  readonly id: ModelVersionId;
  readonly budget: MemoryBudget;
  readonly waiting: RequestQueue;
  readonly observer: ServingEmitter;
}

/**
 * The requests that were accepted and are not settled, in no order, and what each has booked. An array whose last element
 * fills the gap of a removed one: a Set that thousands enter and leave each second goes from table to table, and in V8 each
 * old table keeps those that were in it alive, with all they hold, until the next collection of the whole heap.
 */
export class OpenRequests implements RequestKeeper {
  readonly #options: OpenRequestsOptions;
  readonly #requests: ActiveRequest[] = [];
  #onDrained: (() => void) | undefined;

  constructor(options: OpenRequestsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#requests.length;
  }

  /** Those of which something still waits. */
  get queued(): number {
    let count = 0;
    for (const { waitingRows } of this.#requests) if (waitingRows > 0) count++;
    return count;
  }

  /** Accepts a request whose bytes were reserved. */
  add(request: ActiveRequest): void {
    request.openAt = this.#requests.push(request) - 1;
    this.#options.waiting.add(request);
    request.watch();
  }

  /** Books a request off, whatever state it was in. */
  settled(request: ActiveRequest): void {
    const last = this.#requests.pop() as ActiveRequest;
    if (last !== request) {
      last.openAt = request.openAt;
      this.#requests[request.openAt] = last;
    }
    this.#options.budget.release(request.bytes);
    this.#options.waiting.forget(request);
    if (this.#requests.length === 0) this.#onDrained?.();
  }

  canceled(where: 'queue' | 'flight'): void {
    this.#options.observer.requestCanceled({ id: this.#options.id, where });
  }

  /** Resolves when there are none. */
  drain(): Promise<void> {
    if (this.#requests.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Those whose rows may lie beside others', in the order in which they came. */
  mergeable(): readonly ActiveRequest[] {
    const mergeable = this.#requests.filter(({ request }) => request.mergeable);
    return mergeable.sort((a, b) => a.enqueuedAtMs - b.enqueuedAtMs);
  }

  failAll(reason: ServingError): void {
    for (const request of [...this.#requests]) request.fail(reason);
  }
}

/** Bytes that queued tensors of all models may hold together. Every successful `tryReserve` is given back once. */
export class MemoryBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A single reservation larger than the whole budget succeeds when nothing else is held: it can never fit better. */
  tryReserve(bytes: number): boolean {
    if (this.#usedBytes > 0 && this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes;
  }
}
