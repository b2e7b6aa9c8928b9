import { PrometheusMetrics, type PrometheusMetricsOptions } from '../../src/observability/metrics.js';
import { samplesOf } from './metrics-page.js';

/** Of a server that holds nothing, where the test does not say otherwise. */
export const metricsWith = (options: Partial<PrometheusMetricsOptions> = {}): PrometheusMetrics =>
  new PrometheusMetrics({
    build: { version: '1.2.3', onnxruntime: '1.30.0' },
    gauges: () => [],
    engineResidentBytes: () => [],
    models: () => [],
    ready: () => true,
    demand: () => ({ versions: [], cores: 1, eventLoop: 0 }),
    targetSaturation: 0.7,
    ...options,
  });

export const render = async (metrics: PrometheusMetrics): Promise<ReadonlyMap<string, number>> =>
  samplesOf(await metrics.render());
