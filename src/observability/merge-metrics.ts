import { setImmediate } from 'node:timers/promises';
import { AggregatorRegistry, type Registry, type RegistryContentType } from 'prom-client';
import { openMetricsPage, openMetricsText } from './openmetrics.js';
import type { Exemplar } from './series.js';

/** One line of a metric. */
export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
  /** For OpenMetrics; null where prom-client counts. */
  readonly exemplar?: Exemplar | null;
}

/** A metric as prom-client describes it, with what it has counted so far. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  /** How the values of several processes become one: `sum`, `max`, … */
  readonly aggregator: string;
  readonly values: readonly MetricValue[];
}

export interface WorkerMetrics {
  readonly worker: number;
  readonly families: readonly MetricFamily[];
}

export interface MergeOptions {
  readonly workers: readonly WorkerMetrics[];
  /** What workers that have ended counted. */
  readonly departed?: readonly MetricFamily[];
  /** Default: Prometheus's text format. */
  readonly asOpenMetrics?: boolean;
}

/** Of one process, and told apart by the label `worker`: the sum of several heaps or event loops would hide the fullest. */
const perProcess = /^(process|nodejs|slipway_event_loop)_/;

/**
 * The page of several workers. What they count together is summed, gauges are put together as each one's meaning wants.
 * Lets other work run between any two metrics.
 */
export async function mergeMetrics({ workers, departed = [], asOpenMetrics }: MergeOptions): Promise<string> {
  const names = new Set(workers.flatMap(({ families }) => families.map(({ name }) => name)));
  const texts: string[] = [];
  for (const name of names) {
    const families = workers.flatMap(({ worker, families }) =>
      families.filter((family) => family.name === name).map((family) => ofWorker(family, worker)),
    );
    const before = departed.filter((family) => family.name === name).map((family) => stillCounted(family, families));
    const all = [...families, ...before];
    const merged = AggregatorRegistry.aggregate(all.map((family) => [family]));
    if (asOpenMetrics) texts.push(await openMetricsText(withExemplars(await familyIn(merged, name), all)));
    else texts.push(await merged.metrics());
    await setImmediate();
  }
  if (asOpenMetrics) return openMetricsPage(texts);
  return `${texts.map((text) => text.trimEnd()).join('\n\n')}\n`;
}

const familyIn = (registry: Registry<RegistryContentType>, name: string): Promise<MetricFamily> =>
  (registry.getSingleMetric(name) as unknown as { get(): Promise<MetricFamily> }).get();

/** With the latest exemplar that any worker has of a bucket: to add up leaves them out. */
function withExemplars(merged: MetricFamily, families: readonly MetricFamily[]): MetricFamily {
  const latest = new Map<string, Exemplar>();
  for (const value of families.flatMap(({ values }) => values)) {
    const { exemplar } = value;
    if (!exemplar) continue;
    const key = keyOf(value);
    if (exemplar.timestamp > (latest.get(key)?.timestamp ?? 0)) latest.set(key, exemplar);
  }
  if (latest.size === 0) return merged;
  const values = merged.values.map((value) => {
    const exemplar = latest.get(keyOf(value));
    return exemplar === undefined ? value : { ...value, exemplar };
  });
  return { ...merged, values };
}

/** What a worker that ended leaves behind, added to what others left before: counters must not fall with it. */
export function departedMetrics(left: readonly MetricFamily[], before: readonly MetricFamily[]): MetricFamily[] {
  const counts = left.filter(
    ({ name, type }) => (type === 'counter' || type === 'histogram') && !perProcess.test(name),
  );
  return counts.map((family) => {
    const known = before.find(({ name }) => name === family.name);
    return known === undefined ? family : { ...family, values: addUp([...known.values, ...family.values]) };
  });
}

const ofWorker = (family: MetricFamily, worker: number): MetricFamily =>
  perProcess.test(family.name)
    ? {
        ...family,
        aggregator: 'sum',
        values: family.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
      }
    : family;

/** Without versions that no worker has any more: their series are gone for good. */
function stillCounted(departed: MetricFamily, present: readonly MetricFamily[]): MetricFamily {
  const versions = new Set(present.flatMap(({ values }) => values.map(versionOf)));
  return { ...departed, values: departed.values.filter((value) => versions.has(versionOf(value))) };
}

const versionOf = ({ labels }: MetricValue): string => `${labels.model}/${labels.version}`;

const keyOf = ({ metricName, labels }: MetricValue): string =>
  JSON.stringify([metricName, Object.entries(labels).sort()]);

function addUp(values: readonly MetricValue[]): MetricValue[] {
  const sums = new Map<string, MetricValue>();
  for (const value of values) {
    const key = keyOf(value);
    sums.set(key, { ...value, value: value.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}
