import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { fanOut, type ServingEmitter, type ServingObserver } from '../core/serving-observer.js';
import { type BucketDetail, type BucketSetting, bucketDetail } from './bucket-detail.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { MetricFamily } from './merge-metrics.js';
import { openMetricsPage, openMetricsText } from './openmetrics.js';
import { type BuildInfo, registerProcessMetrics } from './process-metrics.js';
import { type MetricSources, registerPulledMetrics } from './pulled-metrics.js';
import { ServingMetrics } from './serving-metrics.js';
import { TaskMetrics } from './task-metrics.js';
import { TensorFlowServingMetrics } from './tensorflow-serving-metrics.js';
import { TritonMetrics } from './triton-metrics.js';
import { VersionLabels } from './version-labels.js';

export type MetricsCompatibility = 'triton' | 'tensorflow-serving';

export interface PrometheusMetricsOptions extends MetricSources {
  readonly build: BuildInfo;
  /** Other servers whose metric names are printed too. */
  readonly compatibility?: readonly MetricsCompatibility[];
  /** Further metrics. */
  readonly sets?: readonly MetricSet[];
  /** Default: by the number of versions. */
  readonly buckets?: BucketSetting;
  /** Whose request counters start at zero; others get theirs with their first request. */
  readonly protocols?: readonly string[];
  /** How long the series of an unloaded version stay. */
  readonly keepMs?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

/** Metrics that somebody adds: put into the registry, and counted by the observer that is given back. */
export type MetricSet = (registry: Registry) => ServingObserver;

/** Of work on a page, before others get their turn: a turn for each metric would take long where turns are long. */
const longestStretchMs = 2;

/** Lets other work run where so long has passed since it last did. */
function afterEvery(milliseconds: number): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < milliseconds) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}

/** What prom-client's declarations leave out of a metric. */
interface NamedMetric {
  readonly name: string;
  get(): Promise<MetricFamily>;
  /** With the labels that lines share apart from each one's own: their text is made once. */
  getForPromString?(): Promise<MetricFamily>;
}

const familyOf = (metric: NamedMetric): Promise<MetricFamily> => metric.get();

/** Everything a Prometheus may scrape, in its text format. docs/metrics.md lists the metrics. */
export class PrometheusMetrics {
  /** To be told what happens. */
  readonly observer: ServingEmitter;
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #serving: ServingMetrics;
  readonly #tasks: TaskMetrics;
  readonly #labels = new VersionLabels();
  readonly #options: PrometheusMetricsOptions;
  /** Of the page that is being made. */
  #detail: BucketDetail = 'all';
  readonly #eventLoopDelay: EventLoopDelay;

  constructor(options: PrometheusMetricsOptions) {
    const registry = this.#registry;
    this.#options = options;
    const detail = () => this.#detail;
    this.contentType = registry.contentType;
    const { gauges, protocols = ['v1', 'v2'], keepMs = 300_000, now = () => performance.now() } = options;
    this.#serving = new ServingMetrics({ registry, protocols, detail, keepMs, now });
    this.#tasks = new TaskMetrics({ registry, detail, keepMs, now });
    registerPulledMetrics({ registry, sources: options, detail, labels: this.#labels });
    this.#eventLoopDelay = new EventLoopDelay({ registry });
    registerProcessMetrics(registry, options.build);

    const observers: ServingObserver[] = [this.#serving, this.#tasks];
    if (options.compatibility?.includes('triton')) observers.push(new TritonMetrics({ registry, gauges, keepMs, now }));
    if (options.compatibility?.includes('tensorflow-serving')) observers.push(new TensorFlowServingMetrics(registry));
    for (const add of options.sets ?? []) observers.push(add(registry));
    this.observer = fanOut(observers);
  }

  /** Begins to measure the delay of the event loop. */
  start(): void {
    this.#eventLoopDelay.start();
  }

  stop(): void {
    this.#eventLoopDelay.stop();
  }

  /** All metrics as data, to be merged with those of other processes by `mergeMetrics`. */
  families(): Promise<MetricFamily[]> {
    return this.#each(familyOf);
  }

  /** The page of all metrics. */
  async render(): Promise<string> {
    const texts = await this.#each(({ name }) => this.#registry.getSingleMetricAsString(name));
    return `${texts.join('\n\n')}\n`;
  }

  /** The same in the format of OpenMetrics, with the traces in which observations are to be found. */
  async renderOpenMetrics(): Promise<string> {
    return openMetricsPage(
      await this.#each(async (metric) => openMetricsText(await (metric.getForPromString?.() ?? metric.get()))),
    );
  }

  /** Lets other work run every few milliseconds: with many models a page is long. */
  async #each<Result>(make: (metric: NamedMetric) => Promise<Result>): Promise<Result[]> {
    this.#beginPage();
    const results: Result[] = [];
    const breathe = afterEvery(longestStretchMs);
    for (const metric of this.#registry.getMetricsAsArray()) {
      results.push(await make(metric as unknown as NamedMetric));
      await breathe();
    }
    return results;
  }

  #beginPage(): void {
    this.#serving.sweep();
    this.#tasks.sweep();
    this.#labels.sweep();
    let versions = 0;
    for (const model of this.#options.models()) versions += model.versions.length;
    this.#detail = bucketDetail(this.#options.buckets ?? 'auto', versions);
  }
}
