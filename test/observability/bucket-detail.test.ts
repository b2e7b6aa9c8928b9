import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BucketSetting, bucketDetail } from '../../src/observability/bucket-detail.js';
import { samplesOf } from '../support/metrics-page.js';
import { metricsWith } from '../support/metrics-with.js';

/** The page of so many versions, each of which answered requests. */
function pageOf(count: number, buckets: BucketSetting): Promise<string> {
  const ids = Array.from({ length: count }, (_, index) => ({ name: `model-${1000 + index}`, version: 1 }));
  const demand = { offeredRowsPerSecond: 1.23456, capacityRowsPerSecond: 777 };
  const metrics = metricsWith({
    buckets,
    protocols: ['v1', 'v2', 'grpc'],
    gauges: () => ids.map((id) => ({ id, queuedRows: 0, queuedRequests: 0, inFlightRequests: 0, instances: 1 })),
    models: () => ids.map((id) => ({ name: id.name, versions: [{ ...id, state: 'AVAILABLE', labels: [] }] })),
    engineResidentBytes: () => ids.map((id) => ({ id, bytes: 50_123_456 })),
    demand: () => ({ versions: ids.map((id) => ({ id, demand, cores: 1 })), cores: 2, eventLoop: 0 }),
  });
  for (const id of ids) {
    metrics.observer.versionStateChanged({ id, state: 'LOADING' });
    metrics.observer.versionLoaded({ id, durationMs: 100 });
    metrics.observer.engineStarted({ id, pid: 1 });
    for (const protocol of ['v1', 'v2'])
      for (const durationMs of [0.2, 2.345, 70])
        metrics.observer.requestFinished({ id, protocol, code: 'OK', durationMs });
    const batch = { id, rows: 2, requests: 1, queueMs: [0.3], batchMs: 1.23, computeMs: 0.77 };
    metrics.observer.batchFinished({ ...batch, reason: 'idle', outcome: 'ok' });
  }
  return metrics.render();
}

const bucketsIn = (page: string): ReadonlyMap<string, number> =>
  new Map([...samplesOf(page)].filter(([name]) => /^slipway_request_duration_seconds_bucket\{.*"v1"/.test(name)));

test('every bucket, every third, or none; what is shown counts the same', async () => {
  const [all, few, none] = await Promise.all((['all', 'few', 'none'] as const).map((buckets) => pageOf(1, buckets)));
  const whole = bucketsIn(all!);
  const thinned = bucketsIn(few!);
  assert.deepEqual([whole.size, thinned.size, bucketsIn(none!).size], [17, 7, 0]);
  for (const [name, value] of thinned) assert.equal(value, whole.get(name), name);
  const sumOf = (page: string) =>
    samplesOf(page).get('slipway_request_duration_seconds_sum{model="model-1000",version="1",protocol="v1"}');
  assert.equal(sumOf(none!), sumOf(all!));
  assert.ok(sumOf(none!)! > 0);
});

test('without buckets what is zero is left out, and what is not stays', async () => {
  const [all, none] = await Promise.all([pageOf(1, 'all'), pageOf(1, 'none')]);
  const counted = [...samplesOf(all)].filter(([name, value]) => value > 0 && /^slipway_\w+_total\{model/.test(name));
  assert.ok(counted.length > 3);
  for (const [name, value] of counted) assert.equal(samplesOf(none).get(name), value, name);
  assert.match(all, /slipway_engine_restarts_total\{model="model-1000",version="1"\} 0/);
  assert.doesNotMatch(none, /slipway_engine_restarts_total\{/);
});

const sizes: [number, BucketSetting, string][] = [
  [100, 'auto', 'all'],
  [101, 'auto', 'few'],
  [250, 'auto', 'few'],
  [251, 'auto', 'none'],
  [1, 'none', 'none'],
  [1000, 'all', 'all'],
];

for (const [versions, setting, expected] of sizes) {
  test(`of ${versions} versions with ${setting}: ${expected}`, () => {
    assert.equal(bucketDetail(setting, versions), expected);
  });
}

test('the page of a thousand models that are all asked stays under 2 MB', async () => {
  const page = await pageOf(1000, 'auto');
  assert.ok(page.length < 2_000_000, `${page.length} bytes`);
  assert.equal(page.match(/^slipway_saturation\{/gm)?.length, 1000);
});
