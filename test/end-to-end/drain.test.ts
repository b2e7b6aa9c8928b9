import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clients } from '../support/clients.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { isAlive } from '../support/process-state.js';
import { ServerProcess } from '../support/server-process.js';

test('after SIGTERM the server is unready, finishes what it took, and ends with 0', async (context) => {
  const server = await (await ServerProcess.start(['--drain-delay-ms', '1500'])).ready();
  const engines = server.enginePids();
  assert.ok(engines.length > 0);
  const clients = new Clients(server, {
    count: 8,
    path: '/v1/models/iris/predict',
    body: { instances: [[5.1, 3.5, 1.4, 0.2]] },
    isRight: () => true,
  });
  context.after(async () => {
    await clients.stop();
    await server.stop('SIGKILL');
  });
  await clients.answered(50);
  const stopped = server.stop('SIGTERM');
  await server.until(async () => (await server.get('/v2/health/ready')).status === 503, 'unready');
  const { headers } = await server.get('/v2/health/live');
  assert.equal(headers.get('connection'), 'close');
  const { wrong } = await clients.stop();
  assert.deepEqual(wrong, []);
  assert.equal(await stopped, 0);
  for (const pid of engines) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('when the worker process is killed, its engine processes end by themselves', async () => {
  const server = await (await ServerProcess.start()).ready();
  const engines = server.enginePids();
  await server.stop('SIGKILL');
  for (let turn = 0; turn < 100 && engines.some(isAlive); turn++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(engines.filter(isAlive), []);
});

test('what does not finish within the time for draining is cut off, and the server ends with 0 all the same', async (context) => {
  const folder = new ModelFolder();
  context.after(() => folder.remove());
  folder.put(chaosModel('spin'), 'spin/1/model.onnx');
  const server = await (await ServerProcess.start(['--models', folder.path, '--drain-timeout-ms', '300'])).ready();
  context.after(() => server.stop('SIGKILL'));
  const engines = server.enginePids();
  const endless = server
    .post('/v1/models/spin/predict', `{"instances": [${2n ** 62n}]}`)
    .catch((error: Error) => error);
  const inFlight = async () => /slipway_in_flight_requests\{[^}]*\} 1/.test(await server.metrics());
  await server.until(inFlight, 'busy');
  assert.equal(await server.stop('SIGTERM'), 0);
  const outcome = await endless;
  assert.ok(outcome instanceof Error || outcome.status === 503, 'no answer was made up for it');
  for (const pid of engines) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
