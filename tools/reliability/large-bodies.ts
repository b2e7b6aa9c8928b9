import { setTimeout as after } from 'node:timers/promises';
import { httpRequest } from '../../bench/load/http-request.js';
import { LoadGenerator } from '../../bench/load/load-generator.js';
import { modelFile } from '../../bench/recipes/make-models.js';
import { requestBody } from '../../bench/workloads/request-body.js';
import { workload } from '../../bench/workloads/workloads.js';
import { engineModel } from '../../test/support/model-paths.js';
import { metricsOf } from '../../test/support/quiet-state.js';
import { summary } from './latencies.js';
import { repeating } from './repeated-question.js';
import { type Scene, serving, warmUp, watched } from './scene.js';
import { table } from './table.js';

const megabyte = 1e6;
const bodyBytes = 30 * megabyte;
const number = '0.12345678';

/** What callers of a small model notice of one who sends 30 MB of numbers in JSON, again and again. */
export async function measureLargeBodies(seconds: number): Promise<string> {
  const [question = []] = workload('mlp').questions;
  const body = Buffer.from(requestBody('v1', question).bytes).toString();
  const audience = { ask: repeating('/v1/models/mlp/predict', body), count: 8 };
  const models = [
    { name: 'mlp', file: modelFile('mlp') },
    { name: 'row-sum', file: engineModel('row-sum') },
  ];
  const generator = new LoadGenerator(undefined);
  return serving(models, async (scene) => {
    await warmUp(scene, audience);
    const rows: (readonly (string | number)[])[] = [];
    const calm = await watched(scene, audience, () => after(seconds * 1000));
    rows.push(['nothing else', ...summary(calm), '', '']);
    const before = await metricsOf(scene.server);
    let sent = 0;
    const beside = await watched(scene, audience, async (here) => {
      sent = await sendLarge(here, generator, seconds);
    });
    const past = await metricsOf(scene.server);
    const late = (limit: string): number =>
      past.sum('slipway_event_loop_delay_seconds_count') -
      before.sum('slipway_event_loop_delay_seconds_count') -
      (past.sum('slipway_event_loop_delay_seconds_bucket', { le: limit }) -
        before.sum('slipway_event_loop_delay_seconds_bucket', { le: limit }));
    rows.push([`a body of 30 MB, ${sent} times`, ...summary(beside), late('0.05'), late('0.1')]);
    const head = ['8 callers of a small model, and beside them', 'answered', 'median, ms', '99 %, ms', 'longest, ms'];
    return table([...head, 'event loop later than 50 ms, times', 'than 100 ms'], rows);
  }).finally(() => generator.stop());
}

/** One after the other, from a process of their own; resolves with how many were answered. */
async function sendLarge({ server }: Scene, generator: LoadGenerator, seconds: number): Promise<number> {
  const row = `[${new Array(Math.floor(bodyBytes / (number.length + 1))).fill(number).join(',')}]`;
  const bytes = Buffer.from(`{"instances":[${row}]}`);
  const headers = { 'content-type': 'application/json' };
  const { hostname, port } = new URL(server.origin);
  const { answersByStatus } = await generator.run({
    host: hostname,
    port: Number(port),
    requests: [httpRequest('/v1/models/row-sum/predict', { headers, bytes })],
    pace: { kind: 'closed', connections: 1 },
    warmupMs: 0,
    durationMs: seconds * 1000,
  });
  const { 200: answered = 0, ...others } = answersByStatus;
  if (Object.keys(others).length > 0) throw new Error(`large bodies were answered with ${JSON.stringify(others)}`);
  return answered;
}
