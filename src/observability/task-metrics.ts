import type { Registry } from 'prom-client';
import type { ModelVersionId, ModelVersionState } from '../core/model.js';
import type { InputsPrepared, ServingObserver } from '../core/serving-observer.js';
import type { BucketDetail } from './bucket-detail.js';
import { CounterFamily, HistogramFamily, SeriesScope } from './metric-families.js';
import { type CounterSeries, type HistogramSeries, SeriesBy, VersionTable } from './series.js';
import { durationBounds } from './serving-families.js';

export interface TaskMetricsOptions {
  readonly registry: Registry;
  readonly detail: () => BucketDetail;
  readonly keepMs: number;
  readonly now: () => number;
}

/** Counts what tasks read and prepare. Only versions with a task have series. */
export class TaskMetrics implements ServingObserver {
  readonly #versions: VersionTable<TaskSeries>;

  constructor({ registry, detail, keepMs, now }: TaskMetricsOptions) {
    const families = createTaskFamilies(registry, detail);
    this.#versions = new VersionTable({
      open: (id) => new TaskSeries(id, families),
      close: ({ scope }) => scope.close(),
      keepMs,
      now,
    });
  }

  inputsPrepared({ id, usage, prepareMs, trace }: InputsPrepared): void {
    const series = this.#versions.find(id);
    series?.prepareDuration.observe(prepareMs / 1000, trace);
    if (series === undefined || usage === undefined) return;
    series.tokens.of('text').value += usage.tokens;
    series.tokens.of('padding').value += usage.paddingTokens;
    series.truncated.value += usage.truncatedRows;
  }

  preparationStarted({ id }: { id: ModelVersionId }): void {
    const series = this.#versions.open(id);
    series.starts.value++;
    if (series.toReplace === 0) return;
    series.toReplace--;
    series.restarts.value++;
  }

  preparationExited({ id, expected }: { id: ModelVersionId; expected: boolean }): void {
    const series = this.#versions.find(id);
    if (series === undefined) return;
    series.exits.of(expected ? 'true' : 'false').value++;
    if (!expected) series.toReplace++;
  }

  versionStateChanged({ id, state }: { id: ModelVersionId; state: ModelVersionState }): void {
    if (state === 'END') this.#versions.retire(id);
  }

  /** Takes the versions off the page that ended long enough ago. */
  sweep(): void {
    this.#versions.sweep();
  }
}

function createTaskFamilies(registry: Registry, detail: () => BucketDetail) {
  const versionLabels = ['model', 'version'] as const;
  const counter = <Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
    new CounterFamily({ registry, name, help, labelNames, detail });
  return {
    tokens: counter(
      'slipway_tokens_total',
      'Tokens given to models of texts: those of the texts, and what these were filled up with to share runs.',
      [...versionLabels, 'kind'],
    ),
    truncated: counter(
      'slipway_truncated_texts_total',
      'Texts that were longer than the model reads, and were cut.',
      versionLabels,
    ),
    starts: counter('slipway_preparation_starts_total', 'Preparation processes started.', versionLabels),
    restarts: counter(
      'slipway_preparation_restarts_total',
      'Preparation processes started in place of one that ended unexpectedly.',
      versionLabels,
    ),
    exits: counter('slipway_preparation_exits_total', 'Preparation processes that ended; expected is true or false.', [
      ...versionLabels,
      'expected',
    ]),
    prepareDuration: new HistogramFamily({
      registry,
      name: 'slipway_prepare_duration_seconds',
      help: 'Time that a preparation process took to make tensors of the inputs of a request.',
      labelNames: versionLabels,
      bounds: durationBounds,
      detail,
    }),
  };
}

/** Every series of one version. */
class TaskSeries {
  readonly scope = new SeriesScope();
  readonly tokens: SeriesBy<'text' | 'padding', CounterSeries>;
  readonly exits: SeriesBy<'true' | 'false', CounterSeries>;
  readonly truncated: CounterSeries;
  readonly starts: CounterSeries;
  readonly restarts: CounterSeries;
  readonly prepareDuration: HistogramSeries;
  /** Processes that ended unexpectedly. */
  toReplace = 0;

  constructor({ name, version }: ModelVersionId, families: ReturnType<typeof createTaskFamilies>) {
    const { scope } = this;
    const labels = { model: name, version: String(version) };
    this.tokens = new SeriesBy((kind) => scope.counter(families.tokens, { ...labels, kind }));
    this.exits = new SeriesBy((expected) => scope.counter(families.exits, { ...labels, expected }), ['true', 'false']);
    this.truncated = scope.counter(families.truncated, labels);
    this.starts = scope.counter(families.starts, labels);
    this.restarts = scope.counter(families.restarts, labels);
    this.prepareDuration = scope.histogram(families.prepareDuration, labels);
  }
}
