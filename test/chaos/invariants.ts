import { growthAllowedBytes } from '../support/quiet-state.js';
import type { ChaosReport } from './chaos-report.js';
import { requestBalance } from './request-balance.js';

/** Of the worker, with 128 MiB for answers and a heap of less. */
const mostResidentBytes = 640 * 2 ** 20;

/** What the server promises, and in what a report shows that it was not kept: a line each. */
export const invariants: Readonly<Record<string, (report: ChaosReport) => readonly string[]>> = {
  'every good request is answered, and answered right': ({ good }) =>
    [...good].flatMap(([name, { asked, right, rejected, wrong }]) => [
      ...wrong,
      ...(right === 0 ? [`${name}: none of ${asked} was answered`] : []),
      ...(right + rejected === asked ? [] : [`${name}: ${asked} asked, ${right} right, ${rejected} rejected`]),
    ]),

  'what must fail fails for its caller alone, and is told why': ({ findings }) => findings,

  'every request is counted exactly once': ({ page, ledger }) => {
    const balance = requestBalance(page, ledger);
    const unseen = balance.reduce((sum, { counted, seen }) => sum + counted - seen, 0);
    const timed = page.sum('slipway_request_duration_seconds_count');
    const served = page.sum('slipway_requests_total') - page.sum('slipway_requests_total', { model: '' });
    const left = page.sum('slipway_requests_canceled_total');
    const canceled = page.sum('slipway_requests_total', { code: 'CANCELED' });
    return [
      ...balance
        .filter(({ counted, seen }) => counted < seen)
        .map(({ code, counted, seen }) => `${code}: ${seen} callers saw it, ${counted} were counted`),
      ...(unseen === ledger.unread
        ? []
        : [`${ledger.unread} did not read their answer, ${unseen} were counted beyond`]),
      ...(timed === served ? [] : [`${served} were served, the durations of ${timed} were noted`]),
      ...(left <= canceled ? [] : [`${left} callers went away, ${canceled} requests were counted as canceled`]),
    ];
  },

  'nothing is left behind: no request, no file descriptor, no engine process': ({
    before,
    after,
    orphans,
    exitCode,
  }) => [
    ...(['openFiles', 'strays', 'instances', 'unanswered'] as const)
      // An engine that took another's place is held by one file instead of two, since a fork server started it.
      .filter((what) => (what === 'openFiles' ? after[what] > before[what] : after[what] !== before[what]))
      .map((what) => `${what}: ${before[what]} before, ${after[what]} after`),
    ...orphans.map((pid) => `process ${pid} outlived the server`),
    ...(exitCode === 0 ? [] : [`the server ended with ${exitCode}`]),
  ],

  'the memory of the worker process comes back': ({ before, after }) =>
    after.usedBytes - before.usedBytes < growthAllowedBytes
      ? []
      : [`from ${before.usedBytes} to ${after.usedBytes} bytes in use`],

  'answers that nobody takes do not fill the memory': ({ samples }) => {
    const most = Math.max(...samples.map(({ residentBytes }) => residentBytes));
    return most < mostResidentBytes ? [] : [`the worker held ${most} bytes`];
  },

  'nothing happened that nobody foresaw': ({ unforeseen }) => unforeseen.map((line) => JSON.stringify(line)),
};
