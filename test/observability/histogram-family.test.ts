import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Registry } from 'prom-client';
import { HistogramFamily } from '../../src/observability/metric-families.js';
import { samplesOf } from '../support/metrics-page.js';

function aFamily() {
  const registry = new Registry();
  const family = new HistogramFamily({ registry, name: 'wait', help: 'Waits.', labelNames: ['model'], bounds: [1, 2] });
  return { registry, family };
}

describe('HistogramFamily', () => {
  test('counts each observation in its bucket and all those above, a bound being inside its bucket', async () => {
    const { registry, family } = aFamily();
    const series = family.open({ model: 'iris' });
    for (const value of [0.5, 1, 1.5, 7]) series.observe(value);
    assert.deepEqual(Object.fromEntries(samplesOf(await registry.metrics())), {
      'wait_bucket{le="1",model="iris"}': 2,
      'wait_bucket{le="2",model="iris"}': 3,
      'wait_bucket{le="+Inf",model="iris"}': 4,
      'wait_sum{model="iris"}': 10,
      'wait_count{model="iris"}': 4,
    });
  });

  test('gives the same values as JSON, from which several processes can be added up', async () => {
    const { registry, family } = aFamily();
    family.open({ model: 'iris' }).observe(1.5);
    const [metric] = await registry.getMetricsAsJSON();
    assert.deepEqual(
      metric?.values.map(({ value, labels }) => ({ value, labels })),
      [
        { value: 0, labels: { le: 1, model: 'iris' } },
        { value: 1, labels: { le: 2, model: 'iris' } },
        { value: 1, labels: { le: '+Inf', model: 'iris' } },
        { value: 1.5, labels: { model: 'iris' } },
        { value: 1, labels: { model: 'iris' } },
      ],
    );
  });

  test('forgets a closed series and keeps the others', async () => {
    const { registry, family } = aFamily();
    const gone = family.open({ model: 'gone' });
    family.open({ model: 'kept' });
    family.close(gone);
    const names = [...samplesOf(await registry.metrics()).keys()];
    assert.ok(names.includes('wait_count{model="kept"}'));
    assert.ok(names.every((name) => !name.includes('gone')));
  });
});
