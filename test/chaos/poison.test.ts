import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { serveModels } from '../support/served-models.js';
import { division } from '../support/tiny-questions.js';
import { poisonCall } from './faults/bad-requests.js';

const saysSo = /this request ended the model's engine process each time it was computed \(SIGFPE\)/;

test('poison among the requests of 64 clients fails alone, and is told so', async (context) => {
  const { caller, metrics } = await serveModels(context, { divide: { file: chaosModel('divide') } });
  const good = new GoodClients({ caller, ask: division, count: 64 });
  for (let round = 0; round < 8; round++) {
    await good.answered(100);
    const { status, text } = await caller.call(poisonCall);
    assert.equal(status, 500);
    assert.match(text, saysSo);
  }
  await good.answered(100);
  await good.stopAllRight();
  const page = await metrics();
  assert.equal(page.sum('slipway_requests_total', { code: 'INTERNAL' }), 8);
  assert.ok(page.sum('slipway_engine_exits_total', { expected: 'false' }) >= 16, 'each poison ended two processes');
});

test('a flood of poison does not keep good requests from being answered', async (context) => {
  const { caller } = await serveModels(context, { divide: { file: chaosModel('divide') } });
  const good = new GoodClients({ caller, ask: division, count: 8 });
  await good.answered(8);
  const poisons = Array.from({ length: 10 }, () => caller.call(poisonCall));
  await good.answered(8);
  for (const { status } of await Promise.all(poisons)) assert.equal(status, 500);
  await good.stopAllRight();
});

test('good rows in one request with a poisonous one share its fate, their neighbours do not', async (context) => {
  const { caller, predict } = await serveModels(context, { divide: { file: chaosModel('divide') } });
  const good = new GoodClients({ caller, ask: division, count: 4 });
  await good.answered(20);
  const mixed = `{"instances": [{"a": 6, "b": 3}, {"a": ${-(2n ** 63n)}, "b": -1}]}`;
  const { status, text } = await predict('divide', mixed);
  assert.equal(status, 500);
  assert.match(text, saysSo);
  await good.stopAllRight();
});
