/** Clocks may part so far, where the machine's is set, before the offset is taken anew. */
const toleranceMs = 5;

/** Moments of `performance.now()` as the time of day that spans have: to the microsecond, and where the machine's clock is. */
export class WallClock {
  #offsetMs = performance.timeOrigin;

  /** Of a call that begins: all its spans are on one scale. */
  offsetAt(nowMs: number): number {
    const drift = Date.now() - nowMs - this.#offsetMs;
    if (Math.abs(drift) > toleranceMs) this.#offsetMs += drift;
    return this.#offsetMs;
  }
}
