import { setImmediate } from 'node:timers/promises';
import { AggregatorRegistry } from 'prom-client';

/** One line of a metric. */
interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
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

export interface FrontMetrics {
  readonly front: number;
  readonly families: readonly MetricFamily[];
}

export interface MergeOptions {
  readonly fronts: readonly FrontMetrics[];
  /** What fronts that have ended counted. */
  readonly departed?: readonly MetricFamily[];
}

/** Of one process, and told apart by the label `front`: the sum of several heaps or event loops would hide the fullest. */
const perProcess = /^(process|nodejs|slipway_event_loop)_/;

/**
 * The page of several fronts. What they count together is summed, gauges are put together as each one's meaning wants.
 * Lets other work run between any two metrics.
 */
export async function mergeMetrics({ fronts, departed = [] }: MergeOptions): Promise<string> {
  const names = new Set(fronts.flatMap(({ families }) => families.map(({ name }) => name)));
  const texts: string[] = [];
  for (const name of names) {
    const families = fronts.flatMap(({ front, families }) =>
      families.filter((family) => family.name === name).map((family) => ofFront(family, front)),
    );
    const before = departed.filter((family) => family.name === name).map((family) => stillCounted(family, families));
    texts.push(await AggregatorRegistry.aggregate([...families, ...before].map((family) => [family])).metrics());
    await setImmediate();
  }
  return `${texts.map((text) => text.trimEnd()).join('\n\n')}\n`;
}

/** What a front that ended leaves behind, added to what others left before: counters must not fall with it. */
export function departedMetrics(left: readonly MetricFamily[], before: readonly MetricFamily[]): MetricFamily[] {
  const counts = left.filter(
    ({ name, type }) => (type === 'counter' || type === 'histogram') && !perProcess.test(name),
  );
  return counts.map((family) => {
    const known = before.find(({ name }) => name === family.name);
    return known === undefined ? family : { ...family, values: addUp([...known.values, ...family.values]) };
  });
}

const ofFront = (family: MetricFamily, front: number): MetricFamily =>
  perProcess.test(family.name)
    ? {
        ...family,
        aggregator: 'sum',
        values: family.values.map((value) => ({ ...value, labels: { ...value.labels, front } })),
      }
    : family;

/** Without versions that no front has any more: their series are gone for good. */
function stillCounted(departed: MetricFamily, present: readonly MetricFamily[]): MetricFamily {
  const versions = new Set(present.flatMap(({ values }) => values.map(versionOf)));
  return { ...departed, values: departed.values.filter((value) => versions.has(versionOf(value))) };
}

const versionOf = ({ labels }: MetricValue): string => `${labels.model}/${labels.version}`;

function addUp(values: readonly MetricValue[]): MetricValue[] {
  const sums = new Map<string, MetricValue>();
  for (const value of values) {
    const key = JSON.stringify([value.metricName, Object.entries(value.labels).sort()]);
    sums.set(key, { ...value, value: value.value + (sums.get(key)?.value ?? 0) });
  }
  return [...sums.values()];
}
