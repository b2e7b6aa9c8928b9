import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chaosModel } from '../support/model-paths.js';
import { type ServedModels, serveModels } from '../support/served-models.js';

const models = { spin: { file: chaosModel('spin'), settings: { batching: 'off', instances: 1 } } };
const short = { instances: [1] };
const within = (ms: number): Record<string, string> => ({ 'x-request-timeout-ms': String(ms) });

/** Keeps the only engine process busy, for about a microsecond a step. */
async function occupy({ server, predict, metrics }: ServedModels, steps: number): Promise<unknown> {
  const answer = predict('spin', { instances: [steps] });
  await server.until(async () => (await metrics()).sum('slipway_in_flight_requests') > 0, 'busy');
  return answer;
}

test('a deadline that passes while the request waits, or is computed, is answered with 504', async (context) => {
  const served = await serveModels(context, models);
  const { predict, metrics } = served;
  const running = await predict('spin', { instances: [1_000_000] }, within(50));
  assert.equal(running.status, 504);
  assert.match(running.text, /the deadline passed before the answer was computed/);
  const busy = occupy(served, 1_000_000);
  assert.equal((await predict('spin', short, within(20))).status, 504);
  await busy;
  const counted = await metrics();
  assert.equal(counted.sum('slipway_requests_total', { code: 'DEADLINE_EXCEEDED' }), 2);
  assert.equal(counted.sum('slipway_queued_rows'), 0);
});

test('a deadline that cannot be met is told at the door, with a time to come back', async (context) => {
  const served = await serveModels(context, models);
  const { predict, metrics } = served;
  // What a run costs is learned from these.
  for (let run = 0; run < 12; run++) await predict('spin', { instances: [200_000] });
  const batches = async (): Promise<number> => (await metrics()).sum('slipway_batches_total');
  const before = await batches();
  // Long enough to reach the queue on a busy machine, too short for another run of that kind.
  const { status, text, headers } = await predict('spin', short, within(40));
  assert.equal(status, 504);
  assert.match(text, /the deadline in \d+ ms cannot be met: what waits and this request need about \d+ ms/);
  assert.ok(Number(headers['retry-after']) >= 1);
  assert.equal(await batches(), before);
});

test('the v2 timeout parameter counts in microseconds', async (context) => {
  const { caller } = await serveModels(context, models);
  const infer = (timeout: number, x: number) =>
    caller.call({
      path: '/v2/models/spin/infer',
      body: JSON.stringify({
        parameters: { timeout },
        inputs: [{ name: 'x', datatype: 'INT64', shape: [1], data: [x] }],
      }),
    });
  assert.equal((await infer(20_000, 1_000_000)).status, 504);
  assert.equal((await infer(60_000_000, 1)).status, 200);
});

test('a deadline beyond what a timer can wait is none', async (context) => {
  const { predict } = await serveModels(context, models);
  assert.equal((await predict('spin', { instances: [50_000] }, within(99_999_999_999))).status, 200);
});
