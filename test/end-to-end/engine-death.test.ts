import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Clients } from '../support/clients.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
before(async () => {
  server = await (await ServerProcess.start()).ready();
});
after(() => server.stop());

test('killing engine processes under load loses no request', async () => {
  const clients = [
    new Clients(server, {
      count: 12,
      path: '/v1/models/iris/predict',
      body: { instances: [[5.1, 3.5, 1.4, 0.2]] },
      isRight: (body) => (body as { predictions: { label: string }[] }).predictions[0]?.label === 'setosa',
    }),
    new Clients(server, {
      count: 4,
      path: '/v2/models/greeting-language/infer',
      body: { inputs: [{ name: 'text', datatype: 'BYTES', shape: [1], data: ['bonjour à tous'] }] },
      isRight: (body) => (body as { outputs: { data: unknown[] }[] }).outputs[0]?.data[0] === 'French',
    }),
  ];
  for (let round = 0; round < 6; round++) {
    await Promise.all(clients.map((client) => client.answered(20)));
    for (const pid of server.enginePids()) process.kill(pid, 'SIGKILL');
  }
  await Promise.all(clients.map((client) => client.answered(20)));
  for (const { sent, right, wrong } of await Promise.all(clients.map((client) => client.stop()))) {
    assert.deepEqual(wrong, []);
    assert.equal(right, sent);
  }
});
