import type { CallTrace } from '../core/call-trace.js';
import type { ModelVersionId } from '../core/model.js';

/** One line of a counter: who counts adds to its value. */
export interface CounterSeries {
  value: number;
}

/** One of the observations that a bucket has counted, and the trace in which it is to be found. */
export interface Exemplar {
  readonly labelSet: { readonly trace_id: string; readonly span_id: string };
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** One line of a histogram. */
export class HistogramSeries {
  readonly #bounds: readonly number[];
  /** Observations in each bucket alone; the last one is above every bound. */
  readonly counts: Float64Array;
  /** The latest of each bucket; absent until something is recorded. */
  exemplars: (Exemplar | undefined)[] | undefined;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, trace?: CallTrace): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
    if (trace?.isSampled) this.#exemplify(bucket, value, trace);
  }

  #exemplify(bucket: number, value: number, { traceId, spanId }: CallTrace): void {
    this.exemplars ??= new Array(this.counts.length);
    this.exemplars[bucket] = { labelSet: { trace_id: traceId, span_id: spanId }, value, timestamp: Date.now() / 1000 };
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

export interface VersionTableOptions<Entry> {
  readonly open: (id: ModelVersionId) => Entry;
  readonly close: (entry: Entry) => void;
  /** How long a retired entry stays. */
  readonly keepMs: number;
  readonly now: () => number;
}

interface Row<Entry> {
  readonly entry: Entry;
  retiredAt?: number;
}

/**
 * One entry a loaded version. An unloaded version's entry stays a while: what it counted last is still to be scraped,
 * and a version that comes back at once goes on counting where it was.
 */
export class VersionTable<Entry> {
  readonly #options: VersionTableOptions<Entry>;
  readonly #models = new Map<string, Map<number, Row<Entry>>>();
  /** Names of models of which a version may be retired. */
  readonly #retired = new Set<string>();

  constructor(options: VersionTableOptions<Entry>) {
    this.#options = options;
  }

  /** The version's entry, made when there is none; it stays until it is retired. */
  open(id: ModelVersionId): Entry {
    const versions = this.#models.get(id.name) ?? new Map<number, Row<Entry>>();
    this.#models.set(id.name, versions);
    const entry = versions.get(id.version)?.entry ?? this.#options.open(id);
    versions.set(id.version, { entry });
    return entry;
  }

  find(id: ModelVersionId): Entry | undefined {
    return this.#models.get(id.name)?.get(id.version)?.entry;
  }

  retire(id: ModelVersionId): void {
    const row = this.#models.get(id.name)?.get(id.version);
    if (row === undefined) return;
    row.retiredAt ??= this.#options.now();
    this.#retired.add(id.name);
  }

  /** Closes what was retired long enough ago. */
  sweep(): void {
    const before = this.#options.now() - this.#options.keepMs;
    for (const name of this.#retired) {
      const versions = this.#models.get(name) ?? new Map<number, Row<Entry>>();
      for (const [version, { entry, retiredAt }] of versions) {
        if (retiredAt === undefined || retiredAt > before) continue;
        versions.delete(version);
        this.#options.close(entry);
      }
      if ([...versions.values()].every(({ retiredAt }) => retiredAt === undefined)) this.#retired.delete(name);
      if (versions.size === 0) this.#models.delete(name);
    }
  }
}
