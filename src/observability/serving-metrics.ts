import type { Registry } from 'prom-client';
import type { Scope } from '../core/access.js';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';
import type {
  BatchFinished,
  BatchReason,
  CallDenied,
  RequestFinished,
  ServingObserver,
} from '../core/serving-observer.js';
import type { BucketDetail } from './bucket-detail.js';
import { SeriesScope } from './metric-families.js';
import { type CounterSeries, type HistogramSeries, SeriesBy, VersionTable } from './series.js';
import { createServingFamilies, type ServingFamilies } from './serving-families.js';

export interface ServingMetricsOptions {
  readonly registry: Registry;
  /** Whose request counters start at zero. */
  readonly protocols: readonly string[];
  readonly detail: () => BucketDetail;
  readonly keepMs: number;
  readonly now: () => number;
}

/**
 * Counts and times what happens. A version has series from its first state until `keepMs` after it ended; what is said
 * of any other version gets no series.
 */
export class ServingMetrics implements ServingObserver {
  readonly #versions: VersionTable<VersionSeries>;
  readonly #denied: SeriesBy<Scope, SeriesBy<ErrorCode, CounterSeries>>;
  /** Requests that no loaded version answered. */
  readonly #unserved: SeriesBy<string, SeriesBy<ErrorCode | 'OK', CounterSeries>>;

  constructor({ registry, protocols, detail, keepMs, now }: ServingMetricsOptions) {
    const families = createServingFamilies(registry, detail);
    this.#versions = new VersionTable({
      open: (id) => new VersionSeries(id, families, protocols),
      close: ({ scope }) => scope.close(),
      keepMs,
      now,
    });
    this.#denied = new SeriesBy((scope) => new SeriesBy((code) => families.denied.open({ scope, code })));
    this.#unserved = new SeriesBy(
      (protocol) => new SeriesBy((code) => families.requests.open({ model: '', version: '', protocol, code })),
    );
  }

  requestFinished({ id, protocol, code, durationMs, trace }: RequestFinished): void {
    const version = id && this.#versions.find(id);
    if (!version) {
      this.#unserved.of(protocol).of(code).value++;
      return;
    }
    const { codes, duration } = version.protocols.of(protocol);
    codes.of(code).value++;
    duration.observe(durationMs / 1000, trace);
  }

  callDenied({ scope, code }: CallDenied): void {
    this.#denied.of(scope).of(code).value++;
  }

  requestCanceled({ id, where }: { id: ModelVersionId; where: 'queue' | 'flight' }): void {
    const version = this.#versions.find(id);
    if (version) version.canceled.of(where).value++;
  }

  batchFinished({ id, rows, reason, queueMs, batchMs, computeMs, outcome, traced }: BatchFinished): void {
    const version = this.#versions.find(id);
    if (!version) return;
    if (outcome !== 'ok') {
      version.batchFailures.of(outcome).value++;
      return;
    }
    version.batches.of(reason).value++;
    version.rows.value += rows;
    version.batchRows.observe(rows);
    const anyOfThem = traced?.requests.find((trace) => trace !== undefined);
    version.batchDuration.observe(batchMs / 1000, anyOfThem);
    version.computeDuration.observe(computeMs / 1000, anyOfThem);
    for (let index = 0; index < queueMs.length; index++) {
      version.queueDuration.observe(queueMs[index]! / 1000, traced?.requests[index]);
    }
  }

  batchingStopped({ id }: { id: ModelVersionId }): void {
    const version = this.#versions.find(id);
    if (version) version.batchingDisagreements.value++;
  }

  goldenFailed({ id }: { id: ModelVersionId }): void {
    const version = this.#versions.find(id);
    if (version) version.goldenFailures.value++;
  }

  versionStateChanged({ id, state }: { id: ModelVersionId; state: ModelVersionState }): void {
    if (state === 'END') this.#versions.retire(id);
    else this.#versions.open(id);
    this.#versions.sweep();
  }

  versionLoaded({ id, durationMs }: { id: ModelVersionId; durationMs: number }): void {
    this.#versions.open(id).setLoadSeconds(durationMs / 1000);
  }

  engineStarted({ id }: { id: ModelVersionId }): void {
    const version = this.#versions.find(id);
    if (!version) return;
    version.engineStarts.value++;
    if (version.enginesToReplace === 0) return;
    version.enginesToReplace--;
    version.engineRestarts.value++;
  }

  engineExited({ id, expected }: { id: ModelVersionId; expected: boolean }): void {
    const version = this.#versions.find(id);
    if (!version) return;
    version.engineExits.of(expected ? 'true' : 'false').value++;
    if (!expected) version.enginesToReplace++;
  }

  /** Takes the versions off the page that ended long enough ago. */
  sweep(): void {
    this.#versions.sweep();
  }
}

const batchReasons = ['full', 'idle', 'delay', 'deadline', 'retry'] as const satisfies readonly BatchReason[];

interface ProtocolSeries {
  readonly codes: SeriesBy<ErrorCode | 'OK', CounterSeries>;
  readonly duration: HistogramSeries;
}

/** Every series of one version. */
class VersionSeries {
  readonly scope = new SeriesScope();
  readonly protocols: SeriesBy<string, ProtocolSeries>;
  readonly canceled: SeriesBy<'queue' | 'flight', CounterSeries>;
  readonly batches: SeriesBy<BatchReason, CounterSeries>;
  readonly batchFailures: SeriesBy<'model-error' | 'engine-failure', CounterSeries>;
  readonly engineExits: SeriesBy<'true' | 'false', CounterSeries>;
  readonly batchingDisagreements: CounterSeries;
  readonly goldenFailures: CounterSeries;
  readonly engineStarts: CounterSeries;
  readonly engineRestarts: CounterSeries;
  readonly rows: CounterSeries;
  readonly batchRows: HistogramSeries;
  readonly queueDuration: HistogramSeries;
  readonly batchDuration: HistogramSeries;
  readonly computeDuration: HistogramSeries;
  readonly setLoadSeconds: (seconds: number) => void;
  /** Those that ended unexpectedly. */
  enginesToReplace = 0;

  constructor(id: ModelVersionId, families: ServingFamilies, protocols: readonly string[]) {
    const scope = this.scope;
    const labels = { model: id.name, version: String(id.version) };
    this.protocols = new SeriesBy(
      (protocol) => ({
        codes: new SeriesBy<ErrorCode | 'OK', CounterSeries>(
          (code) => scope.counter(families.requests, { ...labels, protocol, code }),
          ['OK'],
        ),
        duration: scope.histogram(families.requestDuration, { ...labels, protocol }),
      }),
      protocols,
    );
    this.canceled = new SeriesBy(
      (where) => scope.counter(families.canceled, { ...labels, where }),
      ['queue', 'flight'],
    );
    this.batches = new SeriesBy((reason) => scope.counter(families.batches, { ...labels, reason }), batchReasons);
    this.batchFailures = new SeriesBy(
      (cause) => scope.counter(families.batchFailures, { ...labels, cause }),
      ['model-error', 'engine-failure'],
    );
    this.engineExits = new SeriesBy(
      (expected) => scope.counter(families.engineExits, { ...labels, expected }),
      ['true', 'false'],
    );
    this.batchingDisagreements = scope.counter(families.batchingDisagreements, labels);
    this.goldenFailures = scope.counter(families.goldenFailures, labels);
    this.engineStarts = scope.counter(families.engineStarts, labels);
    this.engineRestarts = scope.counter(families.engineRestarts, labels);
    this.rows = scope.counter(families.rows, labels);
    this.batchRows = scope.histogram(families.batchRows, labels);
    this.queueDuration = scope.histogram(families.queueDuration, labels);
    this.batchDuration = scope.histogram(families.batchDuration, labels);
    this.computeDuration = scope.histogram(families.computeDuration, labels);
    let loadDuration: CounterSeries | undefined;
    this.setLoadSeconds = (seconds) => {
      loadDuration ??= scope.counter(families.loadDuration, labels);
      loadDuration.value = seconds;
    };
  }
}
