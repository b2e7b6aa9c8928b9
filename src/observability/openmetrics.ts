import { type Metric, Registry, type RegistryContentType } from 'prom-client';
import type { MetricFamily, MetricValue } from './merge-metrics.js';

/**
 * A family as OpenMetrics has it: counters are named without `_total`, bounds of buckets are floats, exemplars are shown. A
 * histogram without buckets is a summary: it has a sum and a count.
 */
export function openMetricsText(family: MetricFamily): Promise<string> {
  const isCounter = family.type === 'counter';
  const name = isCounter ? family.name.replace(/_total$/, '') : family.name;
  const isHistogram = family.type === 'histogram';
  const values = isHistogram ? family.values.map(withFloatBound) : family.values;
  const type = isHistogram && !values.some(({ labels }) => 'le' in labels) ? 'summary' : family.type;
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  // Of a metric it asks for nothing else.
  registry.registerMetric({ name, get: async () => ({ ...family, name, type, values }) } as unknown as Metric);
  return registry.getSingleMetricAsString(name);
}

/** All families, each as `openMetricsText` wrote it. */
export const openMetricsPage = (texts: readonly string[]): string => `${texts.join('\n')}\n# EOF\n`;

function withFloatBound(value: MetricValue): MetricValue {
  const { le } = value.labels;
  return typeof le === 'number' && Number.isInteger(le)
    ? { ...value, labels: { ...value.labels, le: le.toFixed(1) } }
    : value;
}
