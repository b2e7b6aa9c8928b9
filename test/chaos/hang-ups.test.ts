import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';

const models = { spin: { file: chaosModel('spin'), settings: { batching: 'off', instances: 1 } } };
/** Keeps the engine busy for a good while; once that is known, nothing is sent behind it. */
const long = { path: '/v1/models/spin/predict', body: '{"instances": [500000]}' };
const short = { path: '/v1/models/spin/predict', body: '{"instances": [1, 2, 3]}' };

test('what waits is not computed once its caller has hung up, and is counted as canceled', async (context) => {
  const { caller, metrics, server } = await serveModels(context, models);
  await caller.call(long);
  const batchesBefore = (await metrics()).sum('slipway_batches_total');
  const first = caller.call(long);
  await server.until(async () => (await metrics()).sum('slipway_in_flight_requests') === 1, 'busy');
  // Each leaves while the first one is computed.
  await Promise.all(Array.from({ length: 10 }, () => caller.hangUp(short, 0)));
  assert.equal((await first).status, 200);
  await server.until(async () => (await metrics()).sum('slipway_requests_canceled_total') === 10, 'rid of the callers');
  const page = await metrics();
  assert.equal(page.sum('slipway_requests_canceled_total', { where: 'queue' }), 10);
  assert.equal(page.sum('slipway_requests_total', { code: 'CANCELED' }), 10);
  assert.equal(page.sum('slipway_batches_total') - batchesBefore, 1);
  assert.equal(page.sum('slipway_queued_rows'), 0);
});

test('a caller who hangs up while its request is computed is forgotten, and the next one is served', async (context) => {
  const { caller, metrics, server } = await serveModels(context, models);
  await caller.hangUp(long, 100);
  await server.until(async () => (await metrics()).sum('slipway_requests_canceled_total') === 1, 'rid of the caller');
  assert.equal((await metrics()).sum('slipway_requests_canceled_total', { where: 'flight' }), 1);
  assert.equal((await metrics()).sum('slipway_in_flight_requests'), 0);
  assert.equal((await caller.call(short)).text, '{"predictions":[2,4,6]}');
});

test('a body that is cut off is no request to the model', async (context) => {
  const { caller, metrics, server } = await serveModels(context, models);
  await caller.truncate(short, 0.5);
  await server.until(async () => (await metrics()).sum('slipway_requests_total', { code: 'CANCELED' }) === 1, 'told');
  assert.equal((await metrics()).sum('slipway_requests_total', { model: 'spin' }), 0);
});
