import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Registry } from 'prom-client';
import { CounterFamily } from '../../src/observability/metric-families.js';
import { samplesOf } from '../support/metrics-page.js';

describe('CounterFamily', () => {
  test('shows what was added to each open series, from zero on', async () => {
    const registry = new Registry();
    const family = new CounterFamily({ registry, name: 'runs_total', help: 'Runs.', labelNames: ['model'] });
    family.open({ model: 'idle' });
    const busy = family.open({ model: 'busy' });
    const gone = family.open({ model: 'gone' });
    busy.value++;
    busy.value += 4;
    gone.value++;
    family.close(gone);
    const expected = { 'runs_total{model="idle"}': 0, 'runs_total{model="busy"}': 5 };
    assert.deepEqual(Object.fromEntries(samplesOf(await registry.metrics())), expected);
    assert.deepEqual(Object.fromEntries(samplesOf(await registry.metrics())), expected, 'a second scrape');
  });
});
