import type { Latencies } from './load-plan.js';

/** Every latency, kept as it is: percentiles are exact. */
export class LatencySamples {
  #values = new Float64Array(1024);
  #count = 0;

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
  }

  get count(): number {
    return this.#count;
  }

  summarize(): Latencies {
    const sorted = this.#values.slice(0, this.#count).sort();
    const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
    return { count: this.#count, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}
