import type { ActiveRequest } from './active-request.js';

/**
 * The requests that were accepted and are not settled, in no order. An array whose last element fills the gap of a
 * removed one: a Set that thousands enter and leave each second goes from table to table, and in V8 each old table
 * keeps those that were in it alive, with all they hold, until the next collection of the whole heap.
 */
export class OpenRequests implements Iterable<ActiveRequest> {
  readonly #requests: ActiveRequest[] = [];

  get size(): number {
    return this.#requests.length;
  }

  /** A request is added once. */
  add(request: ActiveRequest): void {
    request.openAt = this.#requests.push(request) - 1;
  }

  /** The request is among these. */
  remove(request: ActiveRequest): void {
    const last = this.#requests.pop() as ActiveRequest;
    if (last === request) return;
    last.openAt = request.openAt;
    this.#requests[request.openAt] = last;
  }

  [Symbol.iterator](): Iterator<ActiveRequest> {
    return this.#requests.values();
  }
}
