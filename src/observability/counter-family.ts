import { Counter, type Registry } from 'prom-client';

export type Labels<Name extends string> = Readonly<Record<Name, string>>;

export interface FamilyOptions<Name extends string> {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Name[];
}

/** One line of a counter. */
export class CounterSeries {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }
}

/**
 * A prom-client counter whose series are held by those who count. Adding is a plain field's addition (prom-client hashes
 * the labels at every call, 0.3 µs); the values are handed over when somebody scrapes.
 */
export class CounterFamily<Name extends string> {
  readonly #series = new Map<CounterSeries, Labels<Name>>();

  constructor({ registry, ...options }: FamilyOptions<Name>) {
    const series = this.#series;
    new Counter<Name>({
      ...options,
      registers: [registry],
      collect() {
        this.reset();
        for (const [{ value }, labels] of series) this.inc(labels, value);
      },
    });
  }

  /** No two open series may have equal labels. */
  open(labels: Labels<Name>): CounterSeries {
    const series = new CounterSeries();
    this.#series.set(series, labels);
    return series;
  }

  close(series: CounterSeries): void {
    this.#series.delete(series);
  }
}
