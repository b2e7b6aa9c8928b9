import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentBytes } from '../../src/processes/process-status.js';
import { enginesOf } from '../support/engines-of.js';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { oneShot } from '../support/one-shot.js';
import { serveModels } from '../support/served-models.js';
import { doubling } from '../support/tiny-questions.js';

test('unloading a model ends its processes, and with them their memory is free', async (context) => {
  const { server, caller, predict, metrics } = await serveModels(context, {
    going: { file: chaosModel('spin'), settings: { instances: 3 } },
    staying: { file: chaosModel('spin') },
  });
  const engines = enginesOf(server, 'going/1');
  assert.equal(engines.length, 3);
  const held = engines.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0);
  context.diagnostic(`${engines.length} engine processes held ${Math.round(held / 2 ** 20)} MiB`);
  assert.ok(held > 0);
  const good = new GoodClients({ caller, ask: doubling('staying', 100), count: 4 });
  await good.answered(20);
  const { status } = await oneShot('POST', `${server.origin}/v2/repository/models/going/unload`);
  assert.equal(status, 200);
  for (const pid of engines) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.equal((await metrics()).sum('slipway_engine_resident_memory_bytes', { model: 'going' }), 0);
  assert.equal((await predict('going', { instances: [1] })).status, 404);
  await good.answered(20);
  await good.stopAllRight();
});

test('what was taken before the unloading is answered', async (context) => {
  const { server, predict, metrics } = await serveModels(context, { going: { file: chaosModel('spin') } });
  const taken = predict('going', { instances: [500_000] });
  await server.until(async () => (await metrics()).sum('slipway_in_flight_requests') === 1, 'busy');
  const unloaded = oneShot('POST', `${server.origin}/v2/repository/models/going/unload`);
  assert.equal((await taken).text, '{"predictions":[1000000]}');
  assert.equal((await unloaded).status, 200);
  assert.deepEqual(server.enginePids(), []);
});
