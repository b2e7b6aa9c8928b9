import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after }, { config: { bodyLimitBytes: 20_000_000 } });

const long = 'x'.repeat(2_000_000);
const many = `[${'7,'.repeat(500_000)}7]`;
const v1 = '/v1/models/echo-fp32/predict';
const v2 = '/v2/models/echo-fp32/infer';
const tensor = (fields: string): string => `{"inputs":[{"name":"x","datatype":"FP32",${fields}}]}`;

const requests: readonly [string, string, Record<string, string>?][] = [
  [v1, `{"instances":["${long}"]}`],
  [v1, `{"instances":[{"${long}":1}]}`],
  [v1, `{"inputs":{"${long}":[1]}}`],
  [v1, `{"${long}":1}`],
  [v1, `{"parameters":{"non_finite":"${long}"},"instances":[[1,2]]}`],
  [v1, `{"parameters":{"non_finite":${many}},"instances":[[1,2]]}`],
  [v1, `{"instances":[[1,1${'0'.repeat(2_000_000)}]]}`],
  ['/v1/models/echo-int64/predict', `{"instances":[[1,"${long}"]]}`],
  [`/v1/models/echo-fp32/predict?non_finite=${'y'.repeat(10_000)}`, '{"instances":[[1,2]]}'],
  [`/v1/models/${'m'.repeat(400)}/predict`, '{}'],
  [`/v1/models/echo-fp32/versions/${'m'.repeat(400)}/predict`, '{}'],
  [v2, `{"inputs":[{"name":"${long}","datatype":"FP32","shape":[1,2],"data":[1,2]}]}`],
  [v2, `{"inputs":[{"name":"x","datatype":"${long}","shape":[1,2],"data":[1,2]}]}`],
  [v2, tensor(`"shape":${many},"data":[1,2]`)],
  [v2, tensor(`"shape":"${long}","data":[1,2]`)],
  [v2, tensor(`"shape":[1,2],"parameters":{"binary_data_size":"${long}"}`)],
  [v2, tensor(`"shape":[1,2],"data":[1,2],"parameters":"${long}"`)],
  [v2, `{"parameters":{"priority":${many}},${tensor('"shape":[1,2],"data":[1,2]').slice(1)}`],
  [v2, `{"outputs":[{"name":"${long}"}],${tensor('"shape":[1,2],"data":[1,2]').slice(1)}`],
  [v2, `{"id":7,${tensor('"shape":[1,2],"data":[1,2]').slice(1)}`],
  ['/v2/repository/models/echo-fp32/load', `{"parameters":{"file:${long}":1}}`],
  ['/v2/repository/index', `{"ready":"${long}"}`],
  [v1, '{"instances":[[1,2]]}', { 'x-request-timeout-ms': 'x'.repeat(9000) }],
  [v1, '{"instances":[[1,2]]}', { 'x-request-priority': 'x'.repeat(9000) }],
  [v1, '{"instances":[[1,2]]}', { 'content-encoding': 'x'.repeat(9000) }],
  [v1, '{"instances":[[1,2]]}', { 'content-type': `${'x'.repeat(9000)}/y` }],
  [v2, '{"instances":[[1,2]]}', { 'inference-header-content-length': 'x'.repeat(9000) }],
];

test('what was sent is not sent back at length', async () => {
  for (const [url, payload, headers = {}] of requests) {
    const answer = await app.inject({ method: 'POST', url, payload, headers });
    const about = `${url.slice(0, 80)} ${payload.slice(0, 60)}: ${answer.statusCode}`;
    assert.ok(answer.statusCode >= 400 && answer.statusCode !== 500, about);
    assert.ok(answer.rawPayload.length < 600, `${about} with ${answer.rawPayload.length} bytes`);
    for (const value of Object.values(answer.headers)) assert.ok(String(value).length < 300, about);
  }
});
