import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { metricsWith, render } from '../support/metrics-with.js';

const iris = { name: 'iris', version: 1 };

describe("TensorFlow Serving's metrics", () => {
  test('count requests by status and time them in microseconds', async () => {
    const metrics = metricsWith({ compatibility: ['tensorflow-serving'] });
    metrics.observer.versionLoaded({ id: iris, durationMs: 1 });
    metrics.observer.requestFinished({ id: iris, protocol: 'v1', code: 'OK', durationMs: 2 });
    metrics.observer.requestFinished({ id: iris, protocol: 'grpc', code: 'CANCELED', durationMs: 1 });
    metrics.observer.requestFinished({
      id: { name: 'made-up', version: 1 },
      protocol: 'v1',
      code: 'OK',
      durationMs: 2,
    });
    const page = await render(metrics);
    const latency = ':tensorflow:serving:request_latency';
    assert.equal(page.get(':tensorflow:serving:request_count{model_name="iris",status="OK"}'), 1);
    assert.equal(page.get(':tensorflow:serving:request_count{model_name="iris",status="CANCELLED"}'), 1);
    assert.equal(page.get(`${latency}_sum{model_name="iris",API="predict",entrypoint="REST"}`), 2000);
    assert.equal(page.get(`${latency}_count{model_name="iris",API="predict",entrypoint="GRPC"}`), 1);
    assert.equal(page.get(`${latency}_bucket{le="10",model_name="iris",API="predict",entrypoint="REST"}`), 0);
    assert.ok([...page.keys()].every((name) => !name.includes('made-up')));
  });
});
