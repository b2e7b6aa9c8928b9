import type { CounterFamily, CounterSeries, Labels } from './counter-family.js';
import type { HistogramFamily, HistogramSeries } from './histogram-family.js';

/** Series that come and go together. */
export class SeriesScope {
  readonly #closers: (() => void)[] = [];

  counter<Name extends string>(family: CounterFamily<Name>, labels: Labels<Name>): CounterSeries {
    const series = family.open(labels);
    this.#closers.push(() => family.close(series));
    return series;
  }

  histogram<Name extends string>(family: HistogramFamily<Name>, labels: Labels<Name>): HistogramSeries {
    const series = family.open(labels);
    this.#closers.push(() => family.close(series));
    return series;
  }

  onClose(closer: () => void): void {
    this.#closers.push(closer);
  }

  /** Takes the series off the page. */
  close(): void {
    for (const close of this.#closers.splice(0)) close();
  }
}

/** The series that differ in one label. Those of `known` values start at zero, so that their first increase shows. */
export class SeriesBy<Value extends string, Series> {
  readonly #open: (value: Value) => Series;
  readonly #series = new Map<Value, Series>();

  constructor(open: (value: Value) => Series, known: readonly Value[] = []) {
    this.#open = open;
    for (const value of known) this.of(value);
  }

  of(value: Value): Series {
    const known = this.#series.get(value);
    if (known) return known;
    const series = this.#open(value);
    this.#series.set(value, series);
    return series;
  }
}
