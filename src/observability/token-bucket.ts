/** Lets `perSecond` through each second on average, and as many at once after a pause. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number | undefined;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** `nowMs` is of any clock that never goes back. */
  tryTake(nowMs: number): boolean {
    const elapsedMs = nowMs - (this.#filledAt ?? nowMs);
    this.#filledAt = nowMs;
    // A bucket of less than one token would never let anything through.
    const size = this.#perSecond === 0 ? 0 : Math.max(1, this.#perSecond);
    this.#tokens = Math.min(size, this.#tokens + (elapsedMs * this.#perSecond) / 1000);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
