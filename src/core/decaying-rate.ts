/** What came so shortly after another is added to it: a power for each request would cost more than the rest. */
const foldMs = 250;
/** Less than a quarter of a half-life says little: what came in it is taken as all that came in that quarter. */
const leastObserved = 1 - 2 ** -0.25;

/** How much of something comes a second: an average in which what came a half-life ago counts half. */
export class DecayingRate {
  readonly #halfLifeMs: number;
  #perMs = 0;
  /** Share of the average that was observed: less than 1 before several half-lives have passed. */
  #observed = 0;
  #fresh = 0;
  #foldedAtMs: number;

  constructor(halfLifeMs: number, nowMs: number) {
    this.#halfLifeMs = halfLifeMs;
    this.#foldedAtMs = nowMs;
  }

  add(amount: number, nowMs: number): void {
    this.#fresh += amount;
    if (nowMs - this.#foldedAtMs >= foldMs) this.#fold(nowMs);
  }

  /** 0 before anything came. */
  perSecond(nowMs: number): number {
    this.#fold(nowMs);
    return (this.#perMs / Math.max(leastObserved, this.#observed)) * 1000;
  }

  #fold(nowMs: number): void {
    const elapsedMs = nowMs - this.#foldedAtMs;
    if (elapsedMs <= 0) return;
    const kept = 2 ** (-elapsedMs / this.#halfLifeMs);
    this.#perMs = this.#perMs * kept + (this.#fresh / elapsedMs) * (1 - kept);
    this.#observed = this.#observed * kept + (1 - kept);
    this.#fresh = 0;
    this.#foldedAtMs = nowMs;
  }
}
