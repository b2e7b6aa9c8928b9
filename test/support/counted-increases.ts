import { MetricsPage, type Sample } from './metrics-page.js';

/**
 * Counters over many pages, as Prometheus adds them up: a series that left the page counts on with what it had, and one
 * that begins anew begins at nothing.
 */
export class CountedIncreases {
  readonly #names: readonly string[];
  readonly #last = new Map<string, ReadonlyMap<string, Sample>>();
  readonly #totals = new Map<string, Map<string, Sample>>();

  /** Of these counters only. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  take(page: MetricsPage): void {
    for (const name of this.#names) {
      const before = this.#last.get(name);
      const totals = this.#totals.get(name) ?? new Map<string, Sample>();
      const now = page.series(name);
      for (const [labels, sample] of now) {
        const had = before?.get(labels)?.value ?? 0;
        const increase = sample.value < had ? sample.value : sample.value - had;
        totals.set(labels, { ...sample, value: (totals.get(labels)?.value ?? 0) + increase });
      }
      this.#last.set(name, now);
      this.#totals.set(name, totals);
    }
  }

  /** The totals, as a page on which no series was ever forgotten. */
  get page(): MetricsPage {
    return new MetricsPage([...this.#totals.values()].flatMap((series) => [...series.values()]));
  }
}
