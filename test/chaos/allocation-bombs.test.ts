import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';
import { counting } from '../support/tiny-questions.js';
import { bombCall } from './faults/bad-requests.js';

test('an allocation bomb is rejected to its caller alone; no process ends', async (context) => {
  const models = { ones: { file: chaosModel('ones'), settings: { memoryLimitBytes: '1GiB' } } };
  const { server, caller, predict } = await serveModels(context, models);
  const engines = server.enginePids();
  const good = new GoodClients({ caller, ask: counting, count: 8 });
  for (let round = 0; round < 5; round++) {
    await good.answered(20);
    // More than there is, and more than the model may have.
    for (const bomb of [caller.call(bombCall), predict('ones', { inputs: [2 ** 28] })]) {
      const { status, text, headers } = await bomb;
      assert.ok(status >= 400 && status < 500, `${status} ${text}`);
      assert.equal(headers['retry-after'], undefined, 'sending it again would not help');
      assert.match(text, /these inputs need more memory than the model may use/);
    }
  }
  await good.stopAllRight();
  assert.deepEqual(server.enginePids(), engines);
});
