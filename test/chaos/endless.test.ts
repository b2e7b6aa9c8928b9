import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enginesOf } from '../support/engines-of.js';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';
import { doubling } from '../support/tiny-questions.js';
import { endlessCall } from './faults/bad-requests.js';

const spin = { spin: { file: chaosModel('spin'), settings: { runTimeoutMs: 300 } } };

test('a run that does not end is ended, and fails the request that caused it alone', async (context) => {
  const { caller } = await serveModels(context, spin);
  const good = new GoodClients({ caller, ask: doubling('spin', 100), count: 16 });
  for (let round = 0; round < 3; round++) {
    await good.answered(50);
    const { status, text } = await caller.call(endlessCall);
    assert.equal(status, 500);
    assert.match(text, /did not finish computing this request within its run time limit/);
  }
  await good.answered(50);
  await good.stopAllRight();
});

test('an engine process that hangs is replaced, and what it held is computed by its successor', async (context) => {
  const { server, caller } = await serveModels(context, spin);
  const good = new GoodClients({ caller, ask: doubling('spin', 100), count: 16 });
  await good.answered(50);
  const [frozen] = enginesOf(server, 'spin/1');
  process.kill(frozen as number, 'SIGSTOP');
  await good.answered(50);
  await good.stopAllRight();
  assert.ok(!enginesOf(server, 'spin/1').includes(frozen as number));
});

test('an endless request whose caller left is ended all the same', async (context) => {
  const { caller, predict } = await serveModels(context, spin);
  await caller.hangUp(endlessCall, 50);
  const { status, text } = await predict('spin', { instances: [3] });
  assert.deepEqual([status, text], [200, '{"predictions":[6]}']);
});
