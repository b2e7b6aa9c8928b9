import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BatchFinished } from '../../src/core/serving-observer.js';
import { metricsWith, render } from '../support/metrics-with.js';

const iris = { name: 'iris', version: 1 };
const labels = 'model="iris",version="1"';

const aBatch: BatchFinished = {
  id: iris,
  rows: 3,
  requests: 2,
  reason: 'idle',
  queueMs: [0.2, 4],
  batchMs: 2,
  computeMs: 1.5,
  outcome: 'ok',
};

function loaded(options: Parameters<typeof metricsWith>[0] = {}) {
  const metrics = metricsWith(options);
  metrics.observer.versionStateChanged({ id: iris, state: 'LOADING' });
  metrics.observer.versionLoaded({ id: iris, durationMs: 250 });
  metrics.observer.versionStateChanged({ id: iris, state: 'AVAILABLE' });
  return metrics;
}

describe('requests', () => {
  test('are counted by protocol and code and timed in seconds', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'OK', durationMs: 3 });
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'OK', durationMs: 5 });
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'INVALID_ARGUMENT', durationMs: 0.05 });
    const page = await render(metrics);
    assert.equal(page.get(`slipway_requests_total{${labels},protocol="v2",code="OK"}`), 2);
    assert.equal(page.get(`slipway_requests_total{${labels},protocol="v2",code="INVALID_ARGUMENT"}`), 1);
    assert.equal(page.get(`slipway_request_duration_seconds_count{${labels},protocol="v2"}`), 3);
    assert.equal(page.get(`slipway_request_duration_seconds_bucket{le="0.0001",${labels},protocol="v2"}`), 1);
    assert.equal(page.get(`slipway_request_duration_seconds_bucket{le="0.005",${labels},protocol="v2"}`), 3);
  });

  test('have counters at zero before the first one, so that its increase shows', async () => {
    const page = await render(loaded({ protocols: ['v1', 'grpc'] }));
    assert.equal(page.get(`slipway_requests_total{${labels},protocol="v1",code="OK"}`), 0);
    assert.equal(page.get(`slipway_requests_total{${labels},protocol="grpc",code="OK"}`), 0);
  });

  test('that no loaded version answered are counted without a model, whatever name they had', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({ protocol: 'v1', code: 'NOT_FOUND', durationMs: 1 });
    metrics.observer.requestFinished({
      id: { name: 'made-up', version: 9 },
      protocol: 'v1',
      code: 'OK',
      durationMs: 1,
    });
    const page = await render(metrics);
    assert.equal(page.get('slipway_requests_total{model="",version="",protocol="v1",code="NOT_FOUND"}'), 1);
    assert.equal(page.get('slipway_requests_total{model="",version="",protocol="v1",code="OK"}'), 1);
    assert.ok([...page.keys()].every((name) => !name.includes('made-up')));
  });

  test('whose caller went away are counted by where they were', async () => {
    const metrics = loaded();
    metrics.observer.requestCanceled({ id: iris, where: 'flight' });
    const page = await render(metrics);
    assert.equal(page.get(`slipway_requests_canceled_total{${labels},where="flight"}`), 1);
    assert.equal(page.get(`slipway_requests_canceled_total{${labels},where="queue"}`), 0);
  });
});

describe('tasks', () => {
  test('are counted by tokens, and what prepares for them by its processes', async () => {
    const metrics = loaded({ preparations: () => [{ id: iris, waiting: 3, processes: 1 }] });
    const { observer } = metrics;
    observer.preparationStarted({ id: iris, pid: 1 });
    observer.preparationExited({ id: iris, pid: 1, expected: false, cause: 'SIGKILL' });
    observer.preparationStarted({ id: iris, pid: 2 });
    const usage = { tokens: 20, paddingTokens: 4, truncatedRows: 1 };
    observer.inputsPrepared({ id: iris, prepareMs: 2, usage, trace: undefined });
    const page = await render(metrics);
    const of = (name: string, more = '') => page.get(`slipway_${name}{${labels}${more}}`);
    assert.deepEqual([of('tokens_total', ',kind="text"'), of('tokens_total', ',kind="padding"')], [20, 4]);
    assert.deepEqual([of('truncated_texts_total'), of('prepare_duration_seconds_sum')], [1, 0.002]);
    assert.deepEqual([of('preparation_processes'), of('preparation_queued_requests')], [1, 3]);
    assert.deepEqual([of('preparation_starts_total'), of('preparation_restarts_total')], [2, 1]);
    const exits = ['true', 'false'].map((expected) => of('preparation_exits_total', `,expected="${expected}"`));
    assert.deepEqual(exits, [0, 1]);
  });

  test('of others have no series', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 9 });
    const page = await render(metrics);
    assert.ok(![...page.keys()].some((name) => /tokens|truncated|prepar/.test(name)));
  });
});

describe('batches', () => {
  test('are counted, with their rows, their times and the waits of their requests', async () => {
    const metrics = loaded();
    metrics.observer.batchFinished(aBatch);
    const page = await render(metrics);
    assert.equal(page.get(`slipway_batches_total{${labels},reason="idle"}`), 1);
    assert.equal(page.get(`slipway_rows_total{${labels}}`), 3);
    assert.equal(page.get(`slipway_batch_rows_bucket{le="2",${labels}}`), 0);
    assert.equal(page.get(`slipway_batch_rows_bucket{le="4",${labels}}`), 1);
    assert.equal(page.get(`slipway_batch_duration_seconds_sum{${labels}}`), 0.002);
    assert.equal(page.get(`slipway_compute_duration_seconds_sum{${labels}}`), 0.0015);
    assert.equal(page.get(`slipway_queue_duration_seconds_count{${labels}}`), 2);
  });

  test('that showed that rows influence each other are counted from zero on', async () => {
    const metrics = loaded();
    const series = `slipway_batching_disagreements_total{${labels}}`;
    assert.equal((await render(metrics)).get(series), 0);
    metrics.observer.batchingStopped({ id: { name: 'iris', version: 1 }, reason: 'output "y" changes' });
    assert.equal((await render(metrics)).get(series), 1);
  });

  test('that failed are counted apart and nowhere else', async () => {
    const metrics = loaded();
    metrics.observer.batchFinished({ ...aBatch, outcome: 'engine-failure' });
    const page = await render(metrics);
    assert.equal(page.get(`slipway_batch_failures_total{${labels},cause="engine-failure"}`), 1);
    assert.equal(page.get(`slipway_batch_failures_total{${labels},cause="model-error"}`), 0);
    assert.equal(page.get(`slipway_rows_total{${labels}}`), 0);
    assert.equal(page.get(`slipway_compute_duration_seconds_count{${labels}}`), 0);
  });
});

describe('engine processes', () => {
  test('are counted as restarted only in place of one that ended unexpectedly', async () => {
    const metrics = loaded();
    metrics.observer.engineStarted({ id: iris, pid: 10 });
    metrics.observer.engineStarted({ id: iris, pid: 11 });
    metrics.observer.engineExited({ id: iris, pid: 10, expected: true, cause: 'closed' });
    metrics.observer.engineStarted({ id: iris, pid: 12 });
    metrics.observer.engineExited({ id: iris, pid: 11, expected: false, cause: 'SIGKILL' });
    metrics.observer.engineStarted({ id: iris, pid: 13 });
    const page = await render(metrics);
    assert.equal(page.get(`slipway_engine_starts_total{${labels}}`), 4);
    assert.equal(page.get(`slipway_engine_restarts_total{${labels}}`), 1);
    assert.equal(page.get(`slipway_engine_exits_total{${labels},expected="true"}`), 1);
    assert.equal(page.get(`slipway_engine_exits_total{${labels},expected="false"}`), 1);
  });

  test("of one version add up to the version's memory", async () => {
    const metrics = loaded({
      engineResidentBytes: () => [
        { id: iris, bytes: 1000 },
        { id: iris, bytes: 500 },
      ],
    });
    const expected = 1500;
    assert.equal((await render(metrics)).get(`slipway_engine_resident_memory_bytes{${labels}}`), expected);
    assert.equal((await render(metrics)).get(`slipway_engine_resident_memory_bytes{${labels}}`), expected);
  });
});

describe('versions', () => {
  test('show the state they are in, and whether something is wrong', async () => {
    const metrics = metricsWith({
      models: () => [
        { name: 'iris', versions: [{ ...iris, state: 'END', reason: 'the file is cut short', labels: [] }] },
        { name: 'digits', versions: [{ name: 'digits', version: 2, state: 'AVAILABLE', labels: [] }] },
        { name: 'broken', versions: [], problem: 'model.json is not JSON' },
      ],
    });
    const page = await render(metrics);
    assert.equal(page.get(`slipway_model_state{${labels},state="END"}`), 1);
    assert.equal(page.get(`slipway_model_state{${labels},state="AVAILABLE"}`), 0);
    assert.equal(page.get('slipway_model_state{model="digits",version="2",state="AVAILABLE"}'), 1);
    assert.equal(page.get(`slipway_model_problem{${labels}}`), 1);
    assert.equal(page.get('slipway_model_problem{model="digits",version="2"}'), 0);
    assert.equal(page.get('slipway_model_problem{model="broken",version=""}'), 1);
  });

  test('show how long they took to load', async () => {
    assert.equal((await render(loaded())).get(`slipway_model_load_duration_seconds{${labels}}`), 0.25);
  });

  test('show what waits and what runs at the moment of the scrape', async () => {
    let queuedRows = 7;
    const metrics = loaded({
      gauges: () => [{ id: iris, queuedRows, queuedRequests: 5, inFlightRequests: 2, instances: 1 }],
    });
    assert.equal((await render(metrics)).get(`slipway_queued_rows{${labels}}`), 7);
    queuedRows = 0;
    const page = await render(metrics);
    assert.equal(page.get(`slipway_queued_rows{${labels}}`), 0);
    assert.equal(page.get(`slipway_queued_requests{${labels}}`), 5);
    assert.equal(page.get(`slipway_in_flight_requests{${labels}}`), 2);
    assert.equal(page.get(`slipway_instances{${labels}}`), 1);
  });

  test('leave the page some time after they ended, and count until then', async () => {
    const clock = { now: 0 };
    const metrics = loaded({ keepMs: 1000, now: () => clock.now });
    metrics.observer.versionStateChanged({ id: iris, state: 'UNLOADING' });
    metrics.observer.versionStateChanged({ id: iris, state: 'END' });
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'OK', durationMs: 1 });
    clock.now = 999;
    assert.equal((await render(metrics)).get(`slipway_requests_total{${labels},protocol="v2",code="OK"}`), 1);
    clock.now = 1000;
    assert.ok([...(await render(metrics)).keys()].every((name) => !name.includes('iris')));
  });

  test('have their names escaped', async () => {
    const id = { name: 'a"b\\c', version: 1 };
    const metrics = metricsWith();
    metrics.observer.versionStateChanged({ id, state: 'AVAILABLE' });
    assert.equal((await render(metrics)).get('slipway_rows_total{model="a\\"b\\\\c",version="1"}'), 0);
  });
});

describe('the server', () => {
  test('says whether it is ready and what was built', async () => {
    const page = await render(metricsWith({ ready: () => false }));
    assert.equal(page.get('slipway_ready'), 0);
    const build = `version="1.2.3",onnxruntime="1.30.0",node="${process.versions.node}"`;
    assert.equal(page.get(`slipway_build_info{${build}}`), 1);
  });

  test('prints the names of other servers only where asked', async () => {
    const metrics = loaded();
    const names = [...(await render(metrics)).keys()];
    assert.ok(names.every((name) => /^(slipway|process|nodejs)_/.test(name)));
  });
});

test('a long page lets other work run while it is made', async () => {
  const metrics = metricsWith();
  for (let version = 1; version <= 500; version++)
    metrics.observer.versionStateChanged({ id: { name: 'm', version }, state: 'AVAILABLE' });
  let turns = 0;
  let isMade = false;
  const count = (): void => {
    turns++;
    if (!isMade) setImmediate(count);
  };
  setImmediate(count);
  await metrics.render();
  isMade = true;
  assert.ok(turns > 1, `${turns} turns of the event loop`);
});
