import assert from 'node:assert/strict';
import { test } from 'node:test';
import request from 'supertest';
import type { LoadReportPolicy } from '../../../src/protocols/call-headers.js';
import { startTestServer } from '../test-server.js';

const good = '/v1/models/echo-fp32/predict';
const body = { instances: [[1, 2]] };

const worlds: [LoadReportPolicy, string | undefined, string | undefined][] = [
  ['on-request', undefined, undefined],
  ['on-request', 'text', 'TEXT busy'],
  ['on-request', 'JSON', 'JSON busy'],
  ['on-request', 'protobuf', undefined],
  ['text', undefined, 'TEXT busy'],
  ['json', undefined, 'JSON busy'],
  ['json', 'text', 'TEXT busy'],
  ['off', 'text', undefined],
];

for (const [policy, asked, expected] of worlds) {
  test(`load reports ${policy}: a request that asks for ${asked ?? 'nothing'} gets ${expected ?? 'none'}`, async (context) => {
    const { app } = await startTestServer(context, { config: { endpointLoadMetrics: policy } });
    await app.ready();
    const headers = asked === undefined ? {} : { 'endpoint-load-metrics-format': asked };
    // Over a socket by the fast path, and by the framework; what fails says it, too.
    const fast = await request(app.server).post(good).set(headers).send(body);
    const slow = await app.inject({ method: 'POST', url: good, headers, payload: body });
    const failed = await request(app.server).post('/v1/models/nobody/predict').set(headers).send(body);
    assert.deepEqual([fast.status, slow.statusCode, failed.status], [200, 200, 404]);
    for (const { headers } of [fast, slow, failed]) assert.equal(headers['endpoint-load-metrics'], expected);
  });
}

test('of a failure that others get too, only those that ask are told more', async (context) => {
  const { app } = await startTestServer(context, { config: { endpointLoadMetrics: 'on-request' } });
  const ask = (headers: Record<string, string>) => app.inject({ method: 'POST', url: good, headers, payload: '{' });
  assert.equal((await ask({ 'endpoint-load-metrics-format': 'text' })).headers['endpoint-load-metrics'], 'TEXT busy');
  assert.equal((await ask({})).headers['endpoint-load-metrics'], undefined);
});
