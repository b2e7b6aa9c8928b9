import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ChaosReport } from './chaos-report.js';
import { runChaos } from './chaos-run.js';
import { formatReport } from './format-report.js';
import { heapTrend } from './heap-trend.js';
import { requestBalance } from './request-balance.js';

/** `SLIPWAY_CHAOS_SECONDS` and `SLIPWAY_CHAOS_SEED` choose another length and another course of events. */
const seconds = Number(process.env.SLIPWAY_CHAOS_SECONDS ?? 40);
const seed = Number(process.env.SLIPWAY_CHAOS_SEED ?? Date.now() % 2 ** 31);

/** Of caches that fill and code that is compiled while it becomes hot. */
const growthAllowedBytes = 24 * 2 ** 20;

let report: ChaosReport;
before(async () => {
  report = await runChaos({ seconds, seed });
  console.log(formatReport(report));
});

test('every good request is answered, and answered right', () => {
  for (const [name, { asked, right, refused, wrong }] of report.good) {
    assert.deepEqual(wrong, [], name);
    assert.equal(right + refused, asked, name);
    assert.ok(right > 0, `${name} was answered nothing`);
  }
});

test('what must fail fails for its caller alone, and is told why', () => {
  assert.deepEqual(report.findings, []);
});

test('every request is counted exactly once', () => {
  const { page, books } = report;
  const balance = requestBalance(page, books);
  for (const { code, counted, seen } of balance) {
    assert.ok(counted >= seen, `${code}: ${seen} callers saw it, ${counted} were counted`);
  }
  const unseen = balance.reduce((sum, { counted, seen }) => sum + counted - seen, 0);
  assert.equal(unseen, books.unread);
  const served = page.sum('slipway_requests_total') - page.sum('slipway_requests_total', { model: '' });
  assert.equal(page.sum('slipway_request_duration_seconds_count'), served);
  assert.ok(
    page.sum('slipway_requests_canceled_total') <= page.sum('slipway_requests_total', { code: 'CANCELED' }),
    'canceled requests are counted as requests, too',
  );
});

test('nothing is left behind: no request, no file descriptor, no engine process', () => {
  const { before, after, orphans, exitCode } = report;
  assert.deepEqual(after, before);
  assert.equal(exitCode, 0);
  assert.deepEqual(orphans, []);
});

test('the memory of the front process does not grow with what it served', () => {
  const { earlyBytes, lateBytes } = heapTrend(report.samples);
  assert.ok(lateBytes - earlyBytes < growthAllowedBytes, `from ${earlyBytes} to ${lateBytes} bytes`);
});

test('nothing happened that nobody foresaw', () => {
  const unforeseen = report.log.filter(({ msg, level }) => level === 'fatal' || msg.includes('nobody foresaw'));
  assert.deepEqual(unforeseen, []);
});
