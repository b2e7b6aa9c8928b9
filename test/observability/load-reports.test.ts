import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fanOut, type RequestFinished, type ServingObserver } from '../../src/core/serving-observer.js';
import { LoadReports } from '../../src/observability/load-reports.js';

function aServer() {
  const clock = { nowMs: 0, saturation: 0.62 };
  const observers: ServingObserver[] = [];
  const reports = new LoadReports({
    listen: (observer) => observers.push(observer),
    demand: () => ({ versions: [], cores: 1, eventLoop: clock.saturation }),
    now: () => clock.nowMs,
  });
  const finish = (event: Partial<RequestFinished> = {}) =>
    fanOut(observers).requestFinished({ protocol: 'v1', code: 'OK', durationMs: 1, ...event });
  /** Ten a second, every tenth of them with this code, for a minute. */
  const minute = (code: RequestFinished['code']) => {
    for (let count = 0; count < 600; count++) {
      clock.nowMs += 100;
      finish(count % 10 === 0 ? { code } : { timings: { queueMs: 3, batchMs: 4, computeMs: 2 } });
    }
  };
  return { clock, reports, finish, minute };
}

/** The numbers of a report in text. */
const numbersOf = (text: string): Record<string, number> =>
  Object.fromEntries(
    text
      .replace(/^TEXT /, '')
      .split(', ')
      .map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]),
  );

test('a report says how full the server is, what it answers a second, what fails, and how long requests wait', () => {
  const { reports, minute } = aServer();
  reports.report('text');
  minute('UNAVAILABLE');
  const text = reports.report('text');
  assert.match(
    text,
    /^TEXT application_utilization=0\.62, rps_fractional=[\d.]+, eps=[\d.]+, named_metrics\.queue_ms=[\d.]+$/,
  );
  const { rps_fractional, eps, 'named_metrics.queue_ms': queueMs } = numbersOf(text);
  assert.ok(Math.abs(rps_fractional! - 10) < 0.5, text);
  assert.ok(Math.abs(eps! - 1) < 0.1, text);
  assert.ok(Math.abs(queueMs! - 2.7) < 0.1, text);
});

test('the same as JSON', () => {
  const { reports } = aServer();
  assert.equal(
    reports.report('json'),
    'JSON {"application_utilization":0.62,"rps_fractional":0,"eps":0,"named_metrics":{"queue_ms":0}}',
  );
});

test("callers' mistakes are no errors of the server", () => {
  const { reports, minute } = aServer();
  reports.report('text');
  minute('INVALID_ARGUMENT');
  assert.equal(numbersOf(reports.report('text')).eps, 0);
});

test('a report holds for half a second', () => {
  const { clock, reports } = aServer();
  const first = reports.report('text');
  clock.saturation = 1.5;
  clock.nowMs = 499;
  assert.equal(reports.report('text'), first);
  clock.nowMs = 500;
  assert.match(reports.report('text'), /^TEXT application_utilization=1\.5,/);
});

test('nothing is counted before somebody asks', () => {
  const { reports, minute } = aServer();
  minute('OK');
  assert.equal(numbersOf(reports.report('text')).rps_fractional, 0);
});
