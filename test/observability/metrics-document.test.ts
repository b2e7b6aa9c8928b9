import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';
import { metricsWith, metricTypesOf, samplesOf } from './metrics-page.js';

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

const iris = { name: 'iris', version: 1 };

async function aFullPage(): Promise<string> {
  const metrics = metricsWith({
    compatibility: ['triton', 'tensorflow-serving'],
    gauges: () => [{ id: iris, queuedRows: 0, queuedRequests: 0, inFlightRequests: 0, instances: 1 }],
    models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
    engineResidentBytes: () => [{ id: iris, bytes: 1 }],
  });
  metrics.versionStateChanged({ id: iris, state: 'AVAILABLE' });
  metrics.versionLoaded({ id: iris, durationMs: 1 });
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
  test('lists every metric that the server exports, with its type, and no other', async () => {
    const exported = Object.fromEntries([...metricTypesOf(await aFullPage())].sort());
    const listed = Object.fromEntries([...documented].map(([name, { type }]) => [name, type] as const).sort());
    assert.deepEqual(listed, exported);
  });

  test('gives the labels they have', async () => {
    for (const [metric, labels] of labelsByMetric(await aFullPage()))
      assert.deepEqual([...documented.get(metric)!.labels].sort(), [...labels].sort(), metric);
  });
});
