import { PrometheusMetrics, type PrometheusMetricsOptions } from '../../src/observability/metrics.js';

/** Of a server that holds nothing, where the test does not say otherwise. */
export const metricsWith = (options: Partial<PrometheusMetricsOptions> = {}): PrometheusMetrics =>
  new PrometheusMetrics({
    build: { version: '1.2.3', onnxruntime: '1.30.0' },
    gauges: () => [],
    engineResidentBytes: () => [],
    models: () => [],
    ready: () => true,
    ...options,
  });

/** The samples of a page in Prometheus's text format: `name{label="value",…}` → value. */
export function samplesOf(page: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** Names of the metrics of a page, with their types. */
export const metricTypesOf = (page: string): ReadonlyMap<string, string> =>
  new Map(Array.from(page.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => [name!, type!]));

export const render = async (metrics: PrometheusMetrics): Promise<ReadonlyMap<string, number>> =>
  samplesOf(await metrics.render());
