import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveModels } from './served-models.js';
import { chaosModel } from './test-models.js';

const models = { spin: { file: chaosModel('spin'), settings: { batching: 'off' } } };

test('what waits is computed in the order of its priority', async (context) => {
  const { caller, server, metrics, predict } = await serveModels(context, models);
  const inState = (name: string, count: number): Promise<void> =>
    server.until(async () => (await metrics()).sum(name) === count, `at ${count} ${name}`);
  const order: number[] = [];
  const infer = async (priority: number): Promise<void> => {
    const input = { name: 'x', datatype: 'INT64', shape: [1], data: [1000] };
    const body = JSON.stringify({ parameters: { priority }, inputs: [input] });
    const { status } = await caller.call({ path: '/v2/models/spin/infer', body });
    assert.equal(status, 200);
    order.push(priority);
  };
  // Once runs are known to be long, nothing is sent behind them.
  await predict('spin', { instances: [700_000] });
  const first = predict('spin', { instances: [700_000] });
  await inState('slipway_in_flight_requests', 1);
  const waiting: Promise<void>[] = [];
  for (const priority of [3, 2, 3, 1, 2]) {
    waiting.push(infer(priority));
    await inState('slipway_queued_requests', waiting.length);
  }
  await Promise.all([first, ...waiting]);
  assert.deepEqual(order, [1, 2, 2, 3, 3]);
});
