import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit, type Rates } from '../../src/access/rate-limit.js';

function limited(rates: Rates) {
  let nowMs = 1000;
  const limit = new RateLimit('key "a"', rates, () => nowMs);
  return {
    limit,
    /** How many of so many requests are let in. */
    admitted: (requests: number): number =>
      Array.from({ length: requests }, () => limit.takeRequest()).filter((rejection) => rejection === undefined).length,
    wait: (ms: number): void => {
      nowMs += ms;
    },
  };
}

test('a second may come at once, and after that what a second brings', () => {
  const { admitted, wait } = limited({ requestsPerSecond: 10 });
  assert.equal(admitted(20), 10);
  wait(500);
  assert.equal(admitted(20), 5);
  wait(60_000);
  assert.equal(admitted(20), 10);
});

test('less than one a second is one now and then', () => {
  const { admitted, wait, limit } = limited({ requestsPerSecond: 0.5 });
  assert.equal(admitted(3), 1);
  wait(1000);
  assert.equal(limit.takeRequest()?.retryAfterSeconds, 1);
  wait(1000);
  assert.equal(admitted(3), 1);
});

test('rows are counted when they are answered, and who is in debt waits until it is paid', () => {
  const { admitted, wait, limit } = limited({ rowsPerSecond: 100 });
  assert.equal(admitted(2), 2);
  limit.rowsAnswered(350);
  const rejection = limit.takeRequest();
  assert.equal(rejection?.code, 'RESOURCE_EXHAUSTED');
  assert.match(rejection.message, /key "a": more than 100 rows a second; try again in 2\.500 s/);
  wait(2400);
  assert.equal(admitted(1), 0);
  wait(200);
  assert.equal(admitted(1), 1);
});

test('without rates everything is let in', () => {
  assert.equal(limited({}).admitted(1000), 1000);
});
