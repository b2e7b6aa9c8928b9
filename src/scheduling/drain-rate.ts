/** Older work counts half after this long. */
const halfLifeMs = 2000;

/** How fast a queue is worked off, in rows a second: an exponentially decaying average of what was finished. */
export class DrainRate {
  #rows = 0;
  #weightMs = 0;
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  finished(rows: number, nowMs: number): void {
    this.#decay(nowMs);
    this.#rows += rows;
  }

  /** 0 before anything was finished. */
  rowsPerSecond(nowMs: number): number {
    this.#decay(nowMs);
    return this.#weightMs > 0 ? (this.#rows / this.#weightMs) * 1000 : 0;
  }

  #decay(nowMs: number): void {
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs <= 0) return;
    const kept = 2 ** (-elapsedMs / halfLifeMs);
    this.#rows *= kept;
    this.#weightMs = this.#weightMs * kept + elapsedMs * (elapsedMs > halfLifeMs ? kept : 1);
    this.#lastMs = nowMs;
  }
}
