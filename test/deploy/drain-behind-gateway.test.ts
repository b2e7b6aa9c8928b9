import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Clients } from '../support/clients.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';
import { needs, runCommand } from './commands.js';
import { startHaproxy, startNginx } from './gateways.js';

for (const [name, start] of [
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
] as const) {
  describe(`two servers behind ${name}`, needs(name), () => {
    test('fail no request while one of them is stopped', { timeout: 60_000 }, async (context) => {
      const models = new ModelFolder();
      context.after(() => models.remove());
      models.put(join(shippedModels, 'iris/2/model.onnx'), 'iris.onnx');
      // Two of HAProxy's check intervals, and a little.
      const flags = ['--models', models.path, '--drain-delay-ms', '2500'];
      const servers = await Promise.all([ServerProcess.start(flags), ServerProcess.start(flags)]);
      context.after(() => Promise.all(servers.map((server) => server.stop('SIGKILL'))));
      await Promise.all(servers.map((server) => server.ready()));
      const gateway = await start(servers.map(({ origin }) => new URL(origin).host));
      context.after(() => gateway.stop());

      const clients = new Clients(
        {
          post: async (path, body) => {
            const headers = { 'content-type': 'application/json' };
            const response = await fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body), headers });
            return { status: response.status, headers: response.headers, body: await response.json() };
          },
        },
        {
          count: 8,
          path: '/v1/models/iris/predict',
          body: { instances: [[5.1, 3.5, 1.4, 0.2]] },
          isRight: (answer) => JSON.stringify(answer).includes('"setosa"'),
        },
      );
      await clients.answered(200);
      assert.equal(await servers[0].stop('SIGTERM'), 0);
      await clients.answered(200);
      const { wrong } = await clients.stop();
      assert.deepEqual(wrong, []);
    });
  });
}

describe('the metrics page of a real server', needs('promtool'), () => {
  test('is as Prometheus wants it', async (context) => {
    const models = new ModelFolder();
    context.after(() => models.remove());
    models.put(join(shippedModels, 'iris/2/model.onnx'), 'iris.onnx');
    const server = await (await ServerProcess.start(['--models', models.path])).ready();
    context.after(() => server.stop());
    await server.post('/v1/models/iris/predict', { instances: [[5.1, 3.5, 1.4, 0.2]] });
    const { status, output } = runCommand('promtool', ['check', 'metrics'], await server.metrics());
    assert.deepEqual({ status, output }, { status: 0, output: '' });
  });
});
