import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { fanOut, type ServingObserver } from '../core/serving-observer.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { MetricFamily } from './merge-metrics.js';
import { type BuildInfo, registerProcessMetrics } from './process-metrics.js';
import { type MetricSources, registerPulledMetrics } from './pulled-metrics.js';
import { ServingMetrics } from './serving-metrics.js';
import { TensorFlowServingMetrics } from './tensorflow-serving-metrics.js';
import { TritonMetrics } from './triton-metrics.js';

export type MetricsCompatibility = 'triton' | 'tensorflow-serving';

export interface PrometheusMetricsOptions extends MetricSources {
  readonly build: BuildInfo;
  /** Other servers whose metric names are printed too. */
  readonly compatibility?: readonly MetricsCompatibility[];
  /** Whose request counters start at zero; others get theirs with their first request. */
  readonly protocols?: readonly string[];
  /** How long the series of an unloaded version stay. */
  readonly keepMs?: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}

type Heard = Required<ServingObserver>;

/** Everything a Prometheus may scrape, in its text format. docs/metrics.md lists the metrics. */
export class PrometheusMetrics implements ServingObserver {
  readonly requestFinished: Heard['requestFinished'];
  readonly batchFinished: Heard['batchFinished'];
  readonly requestCanceled: Heard['requestCanceled'];
  readonly versionStateChanged: Heard['versionStateChanged'];
  readonly versionLoaded: Heard['versionLoaded'];
  readonly engineStarted: Heard['engineStarted'];
  readonly engineExited: Heard['engineExited'];
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #serving: ServingMetrics;
  readonly #eventLoopDelay: EventLoopDelay;

  constructor(options: PrometheusMetricsOptions) {
    const registry = this.#registry;
    this.contentType = registry.contentType;
    const { gauges, protocols = ['v1', 'v2'], keepMs = 300_000, now = () => performance.now() } = options;
    this.#serving = new ServingMetrics({ registry, protocols, keepMs, now });
    registerPulledMetrics(registry, options);
    this.#eventLoopDelay = new EventLoopDelay(registry);
    registerProcessMetrics(registry, options.build);

    const observers: ServingObserver[] = [this.#serving];
    if (options.compatibility?.includes('triton')) observers.push(new TritonMetrics({ registry, gauges, keepMs, now }));
    if (options.compatibility?.includes('tensorflow-serving')) observers.push(new TensorFlowServingMetrics(registry));
    const heard = fanOut(observers);
    this.requestFinished = heard.requestFinished;
    this.batchFinished = heard.batchFinished;
    this.requestCanceled = heard.requestCanceled;
    this.versionStateChanged = heard.versionStateChanged;
    this.versionLoaded = heard.versionLoaded;
    this.engineStarted = heard.engineStarted;
    this.engineExited = heard.engineExited;
  }

  /** Begins to measure the delay of the event loop. */
  start(): void {
    this.#eventLoopDelay.start();
  }

  stop(): void {
    this.#eventLoopDelay.stop();
  }

  /** All metrics as data, to be merged with those of other processes by `mergeMetrics`. */
  async families(): Promise<MetricFamily[]> {
    this.#serving.sweep();
    const families: MetricFamily[] = [];
    for (const metric of this.#registry.getMetricsAsArray()) {
      families.push(await (metric as unknown as { get(): Promise<MetricFamily> }).get());
      await setImmediate();
    }
    return families;
  }

  /** The page of all metrics. Lets other work run between any two metrics: with many models the page is long. */
  async render(): Promise<string> {
    this.#serving.sweep();
    const metrics: string[] = [];
    for (const { name } of this.#registry.getMetricsAsArray()) {
      metrics.push(await this.#registry.getSingleMetricAsString(name));
      await setImmediate();
    }
    return `${metrics.join('\n\n')}\n`;
  }
}
