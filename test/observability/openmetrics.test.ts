import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallTrace } from '../../src/core/call-trace.js';
import { type MetricFamily, mergeMetrics } from '../../src/observability/merge-metrics.js';
import type { PrometheusMetrics, PrometheusMetricsOptions } from '../../src/observability/metrics.js';
import { metricTypesOf, samplesOf } from '../support/metrics-page.js';
import { metricsWith } from '../support/metrics-with.js';
import { type OpenMetricsSample, openMetricsSamples } from '../support/openmetrics.js';
import { recordedTrace } from '../support/recorded-trace.js';

const iris = { name: 'iris', version: 1 };

/** Answered requests of these traces, which ran together. */
function busy(traces: readonly (CallTrace | undefined)[], options: Partial<PrometheusMetricsOptions> = {}) {
  const metrics = metricsWith({
    gauges: () => [{ id: iris, queuedRows: 4, queuedRequests: 2, inFlightRequests: 1, instances: 1 }],
    models: () => [{ name: 'iris', versions: [{ ...iris, state: 'AVAILABLE', labels: [] }] }],
    engineResidentBytes: () => [{ id: iris, bytes: 50_000_000 }],
    ...options,
  });
  metrics.observer.versionStateChanged({ id: iris, state: 'LOADING' });
  metrics.observer.versionLoaded({ id: iris, durationMs: 100 });
  metrics.observer.batchFinished({
    id: iris,
    rows: traces.length,
    requests: traces.length,
    reason: 'full',
    queueMs: traces.map((_, index) => index + 0.5),
    batchMs: 3,
    computeMs: 0.7,
    outcome: 'ok',
    traced: { startedAtMs: 1, requests: traces },
  });
  for (const trace of traces) {
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 4, trace });
  }
  return metrics;
}

const exemplarsOf = (samples: readonly OpenMetricsSample[], name: string) =>
  samples
    .filter((sample) => sample.name === `${name}_bucket` && sample.exemplar !== undefined)
    .map(({ labels, exemplar }) => [labels.le, exemplar?.labels.trace_id?.[0], exemplar?.value]);

describe('a page of OpenMetrics', () => {
  for (const buckets of ['all', 'few', 'none'] as const) {
    for (const compatibility of [[], ['triton', 'tensorflow-serving']] as const) {
      test(`is one by the letter, with buckets: ${buckets} ${compatibility}`, async () => {
        const metrics = busy([recordedTrace('a')], { buckets, compatibility, protocols: ['v1', 'v2', 'grpc'] });
        const samples = openMetricsSamples(await metrics.renderOpenMetrics());
        const plain = samplesOf(await metrics.render());
        const requests = samples.filter(({ name, value }) => name === 'slipway_requests_total' && value > 0);
        assert.deepEqual(
          requests.map(({ labels, value }) => [labels, value]),
          [[{ model: 'iris', version: '1', protocol: 'v1', code: 'OK' }, 1]],
        );
        // Whatever is counted by one name here has the same name there.
        const names = new Set(samples.map(({ name }) => name));
        const missing = [...plain.keys()].map((key) => key.replace(/\{.*/, '')).filter((name) => !names.has(name));
        assert.deepEqual(new Set(missing.filter((name) => name.startsWith('slipway_'))), new Set());
      });
    }
  }

  test('leads from the latencies to the traces in which they are found', async () => {
    const samples = openMetricsSamples(
      await busy([undefined, recordedTrace('a'), recordedTrace('b')]).renderOpenMetrics(),
    );
    assert.deepEqual(exemplarsOf(samples, 'slipway_request_duration_seconds'), [['0.005', 'b', 0.004]]);
    assert.deepEqual(exemplarsOf(samples, 'slipway_queue_duration_seconds'), [['0.0025', 'b', 0.0025]]);
    assert.deepEqual(exemplarsOf(samples, 'slipway_batch_duration_seconds'), [['0.005', 'a', 0.003]]);
    assert.deepEqual(exemplarsOf(samples, 'slipway_compute_duration_seconds'), [['0.001', 'a', 0.0007]]);
  });

  test('has none where nothing is recorded', async () => {
    const page = await busy([undefined, recordedTrace('a', false)]).renderOpenMetrics();
    assert.ok(openMetricsSamples(page).every(({ exemplar }) => exemplar === undefined));
  });

  test('keeps the exemplar of a bucket that is not shown in the one that counts it', async () => {
    const samples = openMetricsSamples(await busy([recordedTrace('a')], { buckets: 'few' }).renderOpenMetrics());
    const shown = exemplarsOf(samples, 'slipway_request_duration_seconds');
    assert.deepEqual(
      shown.map(([, trace, value]) => [trace, value]),
      [['a', 0.004]],
    );
  });

  test('says nothing of traces in the text format of Prometheus', async () => {
    const page = await busy([recordedTrace('a')]).render();
    assert.doesNotMatch(page, /aaaa|EOF/);
    assert.equal(metricTypesOf(page).get('slipway_requests_total'), 'counter');
  });
});

test('several workers have one such page, with the latest exemplar of each bucket', async () => {
  const overTheWire = async (metrics: PrometheusMetrics): Promise<MetricFamily[]> =>
    JSON.parse(JSON.stringify(await metrics.families()));
  const [first, second] = [busy([recordedTrace('a')]), busy([recordedTrace('b')])];
  const now = Date.now();
  const families = [await overTheWire(first), await overTheWire(second)].map(
    (all, index) =>
      JSON.parse(
        JSON.stringify(all, (key, value) => (key === 'timestamp' ? now / 1000 - index : value)),
      ) as MetricFamily[],
  );
  const workers = families.map((all, index) => ({ worker: index + 1, families: all }));
  const samples = openMetricsSamples(await mergeMetrics({ workers, asOpenMetrics: true }));
  assert.deepEqual(exemplarsOf(samples, 'slipway_request_duration_seconds'), [['0.005', 'a', 0.004]]);
  const counted = samples.find(({ name }) => name === 'slipway_request_duration_seconds_count');
  assert.equal(counted?.value, 2);
});
