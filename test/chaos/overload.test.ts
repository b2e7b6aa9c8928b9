import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProperRejection } from '../support/good-client.js';
import { chaosModel } from '../support/model-paths.js';
import { Random } from '../support/random.js';
import { serveModels } from '../support/served-models.js';
import { doubling } from '../support/tiny-questions.js';

test('a full queue rejects with a time to come back; what it took is answered', async (context) => {
  const { caller, metrics } = await serveModels(context, {
    narrow: { file: chaosModel('spin'), settings: { maxQueueRows: 16, batching: 'off', instances: 1 } },
    beside: { file: chaosModel('spin') },
  });
  const random = new Random(1);
  const ask = doubling('narrow', 20_000);
  const flood = Array.from({ length: 300 }, async () => {
    const question = ask(random);
    const answer = await caller.call(question);
    if (isProperRejection(answer)) {
      assert.match(answer.text, /narrow\/1 is overloaded: its queue holds \d+ of at most 16 rows; try again later/);
      return 'rejected';
    }
    assert.equal(answer.status, 200, answer.text);
    assert.equal(question.fault(JSON.parse(answer.text), answer), undefined);
    return 'answered';
  });
  const beside = doubling('beside', 100)(random);
  assert.equal((await caller.call(beside)).status, 200);
  const outcomes = await Promise.all(flood);
  const answered = outcomes.filter((outcome) => outcome === 'answered').length;
  assert.ok(answered >= 5 && answered < 300, `${answered} of 300 were answered`);
  const page = await metrics();
  assert.equal(page.sum('slipway_requests_total', { model: 'narrow', code: 'UNAVAILABLE' }), 300 - answered);
  assert.equal(page.sum('slipway_requests_total', { model: 'narrow', code: 'OK' }), answered);
  assert.equal(page.sum('slipway_queued_rows'), 0);
});
