import type { ModelVersionId } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';
import type { BatchFinished, BatchReason, RequestFinished } from '../core/serving-observer.js';
import type { CounterSeries } from './counter-family.js';
import type { HistogramSeries } from './histogram-family.js';
import { SeriesBy, SeriesScope } from './series-scope.js';
import type { ServingFamilies } from './serving-families.js';

const batchReasons = ['full', 'idle', 'delay', 'deadline', 'retry'] as const satisfies readonly BatchReason[];

interface ProtocolSeries {
  readonly codes: SeriesBy<ErrorCode | 'OK', CounterSeries>;
  readonly duration: HistogramSeries;
}

/** Every series of one version. */
export class VersionMetrics {
  readonly #scope = new SeriesScope();
  readonly #protocols: SeriesBy<string, ProtocolSeries>;
  readonly #canceled: SeriesBy<'queue' | 'flight', CounterSeries>;
  readonly #batches: SeriesBy<BatchReason, CounterSeries>;
  readonly #batchFailures: SeriesBy<'model-error' | 'engine-failure', CounterSeries>;
  readonly #engineExits: SeriesBy<'true' | 'false', CounterSeries>;
  readonly #engineStarts: CounterSeries;
  readonly #engineRestarts: CounterSeries;
  readonly #rows: CounterSeries;
  readonly #batchRows: HistogramSeries;
  readonly #queueDuration: HistogramSeries;
  readonly #batchDuration: HistogramSeries;
  readonly #computeDuration: HistogramSeries;
  readonly #setLoadSeconds: (seconds: number) => void;
  #enginesToReplace = 0;

  constructor(id: ModelVersionId, families: ServingFamilies, protocols: readonly string[]) {
    const scope = this.#scope;
    const labels = { model: id.name, version: String(id.version) };
    this.#protocols = new SeriesBy(
      (protocol) => ({
        codes: new SeriesBy<ErrorCode | 'OK', CounterSeries>(
          (code) => scope.counter(families.requests, { ...labels, protocol, code }),
          ['OK'],
        ),
        duration: scope.histogram(families.requestDuration, { ...labels, protocol }),
      }),
      protocols,
    );
    this.#canceled = new SeriesBy(
      (where) => scope.counter(families.canceled, { ...labels, where }),
      ['queue', 'flight'],
    );
    this.#batches = new SeriesBy((reason) => scope.counter(families.batches, { ...labels, reason }), batchReasons);
    this.#batchFailures = new SeriesBy(
      (cause) => scope.counter(families.batchFailures, { ...labels, cause }),
      ['model-error', 'engine-failure'],
    );
    this.#engineExits = new SeriesBy(
      (expected) => scope.counter(families.engineExits, { ...labels, expected }),
      ['true', 'false'],
    );
    this.#engineStarts = scope.counter(families.engineStarts, labels);
    this.#engineRestarts = scope.counter(families.engineRestarts, labels);
    this.#rows = scope.counter(families.rows, labels);
    this.#batchRows = scope.histogram(families.batchRows, labels);
    this.#queueDuration = scope.histogram(families.queueDuration, labels);
    this.#batchDuration = scope.histogram(families.batchDuration, labels);
    this.#computeDuration = scope.histogram(families.computeDuration, labels);
    this.#setLoadSeconds = (seconds) => families.loadDuration.set(labels, seconds);
    scope.onClose(() => families.loadDuration.remove(labels));
  }

  loaded(durationMs: number): void {
    this.#setLoadSeconds(durationMs / 1000);
  }

  requestFinished({ protocol, code, durationMs }: RequestFinished): void {
    const series = this.#protocols.of(protocol);
    series.codes.of(code).add();
    series.duration.observe(durationMs / 1000);
  }

  requestCanceled(where: 'queue' | 'flight'): void {
    this.#canceled.of(where).add();
  }

  batchFinished(event: BatchFinished): void {
    if (event.outcome !== 'ok') {
      this.#batchFailures.of(event.outcome).add();
      return;
    }
    this.#batches.of(event.reason).add();
    this.#rows.add(event.rows);
    this.#batchRows.observe(event.rows);
    this.#batchDuration.observe(event.batchMs / 1000);
    this.#computeDuration.observe(event.computeMs / 1000);
    for (const queueMs of event.queueMs) this.#queueDuration.observe(queueMs / 1000);
  }

  engineStarted(): void {
    this.#engineStarts.add();
    if (this.#enginesToReplace === 0) return;
    this.#enginesToReplace--;
    this.#engineRestarts.add();
  }

  engineExited(expected: boolean): void {
    this.#engineExits.of(expected ? 'true' : 'false').add();
    if (!expected) this.#enginesToReplace++;
  }

  close(): void {
    this.#scope.close();
  }
}
