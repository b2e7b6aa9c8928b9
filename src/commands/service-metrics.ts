import { asksForCredentials } from '../access/configured-access.js';
import type { Config } from '../config/config.js';
import type { ProcessEngine } from '../engine/process-engine.js';
import { type MetricSet, PrometheusMetrics } from '../observability/metrics.js';
import { principalMetrics } from '../observability/principal-metrics.js';
import { EventLoopShare, type ServerDemand } from '../observability/saturation.js';
import { engineVersion } from '../package-version.js';
import type { LazyPreparation } from '../preparation/lazy-preparation.js';
import type { RegistryService } from '../serving/registry-service.js';

export interface ServiceMetricsOptions {
  readonly config: Config;
  /** Of this program. */
  readonly version: string;
  /** Beside the server's own. */
  readonly sets: readonly MetricSet[];
  readonly registry: RegistryService;
  readonly engine: ProcessEngine;
  readonly preparation: LazyPreparation;
  readonly demand: () => ServerDemand;
  readonly heldResponseBytes: () => number;
}

/** Metrics of one server; what stands somewhere at the moment is read there when the page is asked for. */
export const serviceMetrics = ({
  config,
  version,
  sets,
  registry,
  engine,
  preparation,
  demand,
  heldResponseBytes,
}: ServiceMetricsOptions) =>
  new PrometheusMetrics({
    build: { version, onnxruntime: engineVersion() },
    compatibility: config.metricsCompatibility,
    buckets: config.metricsBuckets,
    protocols: config.grpcPort === undefined ? ['v1', 'v2'] : ['v1', 'v2', 'grpc'],
    sets: asksForCredentials(config) ? [principalMetrics, ...sets] : sets,
    gauges: () =>
      registry.servables().map(({ id, load, description }) => ({
        id,
        queuedRows: load.queuedRows,
        queuedRequests: load.queuedRequests,
        inFlightRequests: load.openRequests - load.queuedRequests,
        instances: description.instances,
      })),
    engineResidentBytes: () => [...engine.processes()].map(({ id, residentBytes }) => ({ id, bytes: residentBytes })),
    preparations: () => preparation.loads(),
    models: () => registry.models(),
    heldResponseBytes,
    ready: () => registry.ready,
    demand,
    targetSaturation: config.targetSaturation,
  });

/** How much is asked of what is loaded, at each reading. */
export function serverDemand(registry: RegistryService, cores: number): () => ServerDemand {
  const eventLoop = new EventLoopShare();
  return () => ({
    versions: registry.servables().map(({ id, load, description, threads }) => ({
      id,
      demand: load.demand(),
      cores: description.instances * threads,
    })),
    cores,
    eventLoop: eventLoop.share,
  });
}
