import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';

const models = { spin: { file: chaosModel('spin'), settings: { batching: 'off', instances: 1 } } };

test('what waits is computed in the order of its priority', async (context) => {
  const { caller, server, metrics, predict } = await serveModels(context, models);
  const inState = (name: string, count: number): Promise<void> =>
    server.until(async () => (await metrics()).sum(name) === count, `at ${count} ${name}`);
  const order: number[] = [];
  const byHeader = (priority: number) =>
    predict('spin', { instances: [1000] }, { 'x-request-priority': `${priority}` });
  const byParameter = (priority: number) => {
    const input = { name: 'x', datatype: 'INT64', shape: [1], data: [1000] };
    const body = JSON.stringify({ parameters: { priority }, inputs: [input] });
    return caller.call({ path: '/v2/models/spin/infer', body });
  };
  const send = async (priority: number): Promise<void> => {
    const { status } = await (priority === 11 ? byParameter(priority) : byHeader(priority));
    assert.equal(status, 200);
    order.push(priority);
  };
  // Once runs are known to be long, nothing is sent behind them.
  await predict('spin', { instances: [500_000] });
  const first = predict('spin', { instances: [2_000_000] });
  await inState('slipway_in_flight_requests', 1);
  const waiting: Promise<void>[] = [];
  // Far apart: a request counts as one priority higher for each second it waits.
  for (const priority of [21, 11, 21, 1, 11]) {
    waiting.push(send(priority));
    await inState('slipway_queued_requests', waiting.length);
  }
  await Promise.all([first, ...waiting]);
  assert.deepEqual(order, [1, 11, 11, 21, 21]);
});
