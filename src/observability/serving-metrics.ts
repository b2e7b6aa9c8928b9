import type { Registry } from 'prom-client';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';
import type { BatchFinished, RequestFinished, ServingObserver } from '../core/serving-observer.js';
import type { CounterSeries } from './counter-family.js';
import { SeriesBy } from './series-scope.js';
import { createServingFamilies } from './serving-families.js';
import { VersionMetrics } from './version-metrics.js';
import { VersionTable } from './version-table.js';

export interface ServingMetricsOptions {
  readonly registry: Registry;
  /** Whose request counters start at zero. */
  readonly protocols: readonly string[];
  readonly keepMs: number;
  readonly now: () => number;
}

/**
 * Counts and times what happens. A version has series from its first state until `keepMs` after it ended; what is said
 * of any other version gets no series.
 */
export class ServingMetrics implements ServingObserver {
  readonly #versions: VersionTable<VersionMetrics>;
  /** Requests that no loaded version answered. */
  readonly #unserved: SeriesBy<string, SeriesBy<ErrorCode | 'OK', CounterSeries>>;

  constructor({ registry, protocols, keepMs, now }: ServingMetricsOptions) {
    const families = createServingFamilies(registry);
    this.#versions = new VersionTable({
      open: (id) => new VersionMetrics(id, families, protocols),
      close: (metrics) => metrics.close(),
      keepMs,
      now,
    });
    this.#unserved = new SeriesBy(
      (protocol) => new SeriesBy((code) => families.requests.open({ model: '', version: '', protocol, code })),
    );
  }

  requestFinished(event: RequestFinished): void {
    const version = event.id && this.#versions.find(event.id);
    if (version) version.requestFinished(event);
    else this.#unserved.of(event.protocol).of(event.code).add();
  }

  requestCanceled({ id, where }: { id: ModelVersionId; where: 'queue' | 'flight' }): void {
    this.#versions.find(id)?.requestCanceled(where);
  }

  batchFinished(event: BatchFinished): void {
    this.#versions.find(event.id)?.batchFinished(event);
  }

  versionStateChanged({ id, state }: { id: ModelVersionId; state: ModelVersionState }): void {
    if (state === 'END') this.#versions.retire(id);
    else this.#versions.open(id);
    this.#versions.sweep();
  }

  versionLoaded({ id, durationMs }: { id: ModelVersionId; durationMs: number }): void {
    this.#versions.open(id).loaded(durationMs);
  }

  engineStarted({ id }: { id: ModelVersionId }): void {
    this.#versions.find(id)?.engineStarted();
  }

  engineExited({ id, expected }: { id: ModelVersionId; expected: boolean }): void {
    this.#versions.find(id)?.engineExited(expected);
  }

  /** Takes the versions off the page that ended long enough ago. */
  sweep(): void {
    this.#versions.sweep();
  }
}
