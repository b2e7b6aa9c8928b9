import assert from 'node:assert/strict';
import { test } from 'node:test';
import { departedMetrics, type MetricFamily, mergeMetrics } from '../../src/observability/merge-metrics.js';
import type { PrometheusMetrics, PrometheusMetricsOptions } from '../../src/observability/metrics.js';
import { metricTypesOf, samplesOf } from '../support/metrics-page.js';
import { metricsWith } from '../support/metrics-with.js';

const iris = { name: 'iris', version: 1 };
const labels = 'model="iris",version="1"';
const requests = `slipway_requests_total{${labels},protocol="v1",code="OK"}`;

function worker(answered: number, options: Partial<PrometheusMetricsOptions> = {}): PrometheusMetrics {
  const metrics = metricsWith({
    gauges: () => [{ id: iris, queuedRows: 2, queuedRequests: 1, inFlightRequests: 3, instances: 1 }],
    ...options,
  });
  metrics.observer.versionStateChanged({ id: iris, state: 'AVAILABLE' });
  for (let count = 0; count < answered; count++) {
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 3 });
  }
  return metrics;
}

/** As they come from another process. */
const overTheWire = async (metrics: PrometheusMetrics): Promise<MetricFamily[]> =>
  JSON.parse(JSON.stringify(await metrics.families()));

async function pageOf(workers: readonly PrometheusMetrics[], departed: readonly MetricFamily[] = []) {
  const pages = await Promise.all(
    workers.map(async (metrics, index) => ({ worker: index + 1, families: await overTheWire(metrics) })),
  );
  return mergeMetrics({ workers: pages, departed });
}

test('counters, histograms and what is held now are added up', async () => {
  const page = samplesOf(await pageOf([worker(2), worker(3)]));
  assert.equal(page.get(requests), 5);
  assert.equal(page.get(`slipway_request_duration_seconds_bucket{le="0.005",${labels},protocol="v1"}`), 5);
  assert.equal(page.get(`slipway_request_duration_seconds_count{${labels},protocol="v1"}`), 5);
  assert.equal(page.get(`slipway_queued_rows{${labels}}`), 4);
  assert.equal(page.get(`slipway_instances{${labels}}`), 2);
});

test('a series that only one worker has is on the page', async () => {
  const other = worker(0);
  other.observer.requestFinished({ id: iris, protocol: 'v1', code: 'INTERNAL', durationMs: 3 });
  const page = samplesOf(await pageOf([worker(1), other]));
  assert.equal(page.get(`slipway_requests_total{${labels},protocol="v1",code="INTERNAL"}`), 1);
});

test('the server is ready when all workers are, and a problem of one is a problem', async () => {
  const models = (reason?: string) => () => [
    { name: 'iris', versions: [{ ...iris, state: 'AVAILABLE' as const, labels: [], ...(reason && { reason }) }] },
  ];
  const page = samplesOf(
    await pageOf([worker(0, { models: models() }), worker(0, { models: models('it is broken'), ready: () => false })]),
  );
  assert.equal(page.get('slipway_ready'), 0);
  assert.equal(page.get(`slipway_model_problem{${labels}}`), 1);
  assert.equal(page.get(`slipway_model_state{${labels},state="AVAILABLE"}`), 1);
});

test('what was built is said once', async () => {
  const page = samplesOf(await pageOf([worker(0), worker(0)]));
  const builds = [...page].filter(([name]) => name.startsWith('slipway_build_info'));
  assert.deepEqual(
    builds.map(([, value]) => value),
    [1],
  );
});

test('memory, processor time and the event loop are those of each worker', async () => {
  const page = await pageOf([worker(0), worker(0)]);
  const samples = samplesOf(page);
  for (const name of ['process_resident_memory_bytes', 'process_start_time_seconds', 'process_cpu_seconds_total']) {
    assert.ok(samples.has(`${name}{worker="1"}`), name);
    assert.ok(samples.has(`${name}{worker="2"}`), name);
    assert.ok(!samples.has(name), name);
  }
});

test('the page has every metric of a single worker, of the same type', async () => {
  const alone = worker(1, { compatibility: ['triton', 'tensorflow-serving'] });
  const merged = await pageOf([alone, worker(1, { compatibility: ['triton', 'tensorflow-serving'] })]);
  assert.deepEqual(metricTypesOf(merged), metricTypesOf(await alone.render()));
});

test('what a worker that ended had counted stays counted', async () => {
  const first = departedMetrics(await overTheWire(worker(5)), []);
  const departed = departedMetrics(await overTheWire(worker(7)), first);
  const page = samplesOf(await pageOf([worker(1), worker(2)], departed));
  assert.equal(page.get(requests), 15);
  assert.equal(page.get(`slipway_request_duration_seconds_bucket{le="+Inf",${labels},protocol="v1"}`), 15);
});

test('it leaves nothing behind that it held or that was its own', async () => {
  const departed = departedMetrics(await overTheWire(worker(5)), []);
  const page = samplesOf(await pageOf([worker(1)], departed));
  assert.equal(page.get(`slipway_queued_rows{${labels}}`), 2);
  assert.ok([...page.keys()].every((name) => !name.includes('worker="0"')));
});

test('versions that no worker has any more leave the page with the last that had them', async () => {
  const departed = departedMetrics(await overTheWire(worker(5)), []);
  const page = samplesOf(await pageOf([metricsWith()], departed));
  assert.ok([...page.keys()].every((name) => !name.includes('iris')));
});
