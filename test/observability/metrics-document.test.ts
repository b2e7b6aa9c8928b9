import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { principalMetrics } from '../../src/observability/principal-metrics.js';
import { projectRoot } from '../../tools/project-root.js';
import { metricTypesOf, samplesOf } from '../support/metrics-page.js';
import { metricsWith } from '../support/metrics-with.js';

const document = readFileSync(join(projectRoot(), 'docs/metrics.md'), 'utf8');

interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows of the document's tables of metrics: name, type, labels, meaning. */
const documented = new Map<string, Documented>(
  Array.from(
    document.matchAll(/^\| `([\w:]+)` \| (counter|gauge|histogram) \| ([^|]*)\|/gm),
    ([, name, type, labels]) => [
      name!,
      { type: type!, labels: Array.from(labels!.matchAll(/`(\w+)`/g), ([, label]) => label!) },
    ],
  ),
);

const isOfTheProcess = (name: string): boolean => /^(process|nodejs)_/.test(name);

const iris = { name: 'iris', version: 1 };

async function aFullPage(): Promise<string> {
  const metrics = metricsWith({
    compatibility: ['triton', 'tensorflow-serving'],
    gauges: () => [{ id: iris, queuedRows: 0, queuedRequests: 0, inFlightRequests: 0, instances: 1 }],
    models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
    engineResidentBytes: () => [{ id: iris, bytes: 1 }],
    sets: [principalMetrics],
  });
  metrics.observer.versionStateChanged({ id: iris, state: 'AVAILABLE' });
  metrics.observer.versionLoaded({ id: iris, durationMs: 1 });
  metrics.observer.requestFinished({
    id: iris,
    protocol: 'v1',
    code: 'OK',
    durationMs: 1,
    principal: 'team-a',
    rows: 1,
  });
  return metrics.render();
}

/** Names of the labels of each sample, without a histogram's `le`. */
function labelsByMetric(page: string): ReadonlyMap<string, readonly string[]> {
  const types = metricTypesOf(page);
  return new Map(
    [...samplesOf(page).keys()].map((sample) => {
      const [, name, labels = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(sample) ?? [];
      const metric = types.has(name!) ? name! : name!.replace(/_(bucket|sum|count)$/, '');
      const names = Array.from(labels.matchAll(/(\w+)="/g), ([, label]) => label!);
      return [metric, names.filter((label) => label !== 'le')];
    }),
  );
}

describe('docs/metrics.md', () => {
  test("lists every metric that the server exports, with its type, and no other, but for prom-client's of the process", async () => {
    const own = [...metricTypesOf(await aFullPage())].filter(([name]) => !isOfTheProcess(name));
    const exported = Object.fromEntries(own.sort());
    const listed = Object.fromEntries([...documented].map(([name, { type }]) => [name, type] as const).sort());
    assert.deepEqual(listed, exported);
  });

  test('gives the labels they have', async () => {
    for (const [metric, labels] of labelsByMetric(await aFullPage()))
      if (!isOfTheProcess(metric))
        assert.deepEqual([...documented.get(metric)!.labels].sort(), [...labels].sort(), metric);
  });
});
