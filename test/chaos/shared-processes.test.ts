import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enginesOf } from '../support/engines-of.js';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { everyModelServes } from '../support/quiet-state.js';
import { serveModels } from '../support/served-models.js';
import { division, doubling } from '../support/tiny-questions.js';
import { poisonCall } from './faults/bad-requests.js';

/** Models up to this many have processes of their own; the small ones beyond share one for each core. */
const ownProcesses = 16;

test('what ends a shared process gets one of its own, and its neighbours lose no request', async (context) => {
  const first = Array.from({ length: ownProcesses }, (_, index) => [`own-${index}`, { file: chaosModel('times-1') }]);
  const { server, folder, caller } = await serveModels(context, Object.fromEntries(first), ['--cores', '1']);
  const file = { divide: 'divide', spin: 'spin' };
  for (const [name, model] of Object.entries(file)) folder.put(chaosModel(model), `${name}/1/model.onnx`);
  const served = async (): Promise<boolean> => (await fetch(`${server.origin}/v2/models/spin/ready`)).status === 200;
  await server.until(served, 'serving the later models');
  await everyModelServes(server);
  assert.equal(server.enginePids().length, ownProcesses + 1);
  assert.deepEqual(enginesOf(server, 'divide/1'), []);

  const neighbours = new GoodClients({ caller, ask: doubling('spin', 100), count: 8 });
  const others = new GoodClients({ caller, ask: division, count: 8 });
  for (let round = 0; round < 3; round++) {
    await Promise.all([neighbours.answered(20), others.answered(20)]);
    assert.equal((await caller.call(poisonCall)).status, 500);
  }
  await Promise.all([neighbours.answered(20), others.answered(20)]);
  await neighbours.stopAllRight();
  await others.stopAllRight();
  assert.equal(enginesOf(server, 'divide/1').length, 1);
  assert.deepEqual(enginesOf(server, 'spin/1'), []);
});
