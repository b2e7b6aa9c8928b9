import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metricsWith, render } from '../support/metrics-with.js';

const iris = { name: 'iris', version: 1 };
const labels = 'model="iris",version="1"';

function loaded() {
  const metrics = metricsWith({
    compatibility: ['triton'],
    gauges: () => [{ id: iris, queuedRows: 9, queuedRequests: 4, inFlightRequests: 0, instances: 1 }],
  });
  metrics.observer.versionStateChanged({ id: iris, state: 'AVAILABLE' });
  return metrics;
}

describe("Triton's metrics", () => {
  test('count requests, inferences and executions', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'OK', durationMs: 2.5 });
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'UNAVAILABLE', durationMs: 1 });
    const batch = { id: iris, rows: 8, requests: 2, queueMs: [1, 2], batchMs: 3, computeMs: 2 } as const;
    metrics.observer.batchFinished({ ...batch, reason: 'full', outcome: 'ok' });
    const page = await render(metrics);
    assert.equal(page.get(`nv_inference_request_success{${labels}}`), 1);
    assert.equal(page.get(`nv_inference_request_failure{${labels},reason="REJECTED"}`), 1);
    assert.equal(page.get(`nv_inference_request_failure{${labels},reason="BACKEND"}`), 0);
    assert.equal(page.get(`nv_inference_count{${labels}}`), 8);
    assert.equal(page.get(`nv_inference_exec_count{${labels}}`), 1);
    assert.equal(page.get(`nv_inference_pending_request_count{${labels}}`), 4);
  });

  test('sum microseconds, a batch once for each of its requests', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({ id: iris, protocol: 'v2', code: 'OK', durationMs: 2.5 });
    const batch = { id: iris, rows: 8, requests: 2, queueMs: [1, 2], batchMs: 3, computeMs: 2 } as const;
    metrics.observer.batchFinished({ ...batch, reason: 'full', outcome: 'ok' });
    const page = await render(metrics);
    assert.equal(page.get(`nv_inference_request_duration_us{${labels}}`), 2500);
    assert.equal(page.get(`nv_inference_queue_duration_us{${labels}}`), 3000);
    assert.equal(page.get(`nv_inference_compute_infer_duration_us{${labels}}`), 4000);
    assert.equal(page.get(`nv_inference_compute_input_duration_us{${labels}}`), 2000);
  });

  test('know no model that was not loaded', async () => {
    const metrics = loaded();
    metrics.observer.requestFinished({
      id: { name: 'made-up', version: 1 },
      protocol: 'v2',
      code: 'OK',
      durationMs: 1,
    });
    assert.ok([...(await render(metrics)).keys()].every((name) => !name.includes('made-up')));
  });
});
