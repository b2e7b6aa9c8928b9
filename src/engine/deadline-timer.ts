/**
 * One timer for a succession of deadlines: while they only move later, as those of many short runs do, nothing is
 * armed or cleared.
 */
export class DeadlineTimer {
  readonly #onExpired: () => void;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #firesAtMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  /** Replaces the deadline by one so long from now; undefined: by none. */
  set(afterMs: number | undefined): void {
    if (afterMs === undefined) {
      this.#deadlineMs = Number.POSITIVE_INFINITY;
      return;
    }
    this.#deadlineMs = performance.now() + afterMs;
    if (this.#firesAtMs > this.#deadlineMs) this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#firesAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = this.#deadlineMs;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, Math.ceil(this.#deadlineMs - performance.now())));
  }

  #fire(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY;
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) return;
    if (performance.now() < this.#deadlineMs) {
      this.#arm();
      return;
    }
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#onExpired();
  }
}
