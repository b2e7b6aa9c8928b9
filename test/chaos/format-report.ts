import type { ChaosReport } from './chaos-report.js';
import { heapTrend } from './heap-trend.js';
import { requestBalance } from './request-balance.js';

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** For people: a Markdown document's tables. */
export function formatReport(report: ChaosReport): string {
  const { seed, seconds, good, events, findings, ledger, page, before, after, samples } = report;
  const { earlyBytes, lateBytes } = heapTrend(samples);
  const wrong = [...good.values()].flatMap((tally) => tally.wrong);
  const rows = (...cells: (readonly (string | number)[])[]): string[] => cells.map((row) => `| ${row.join(' | ')} |`);
  return [
    `Seed ${seed}, ${seconds} s, ${ledger.sent} requests.`,
    '',
    ...rows(['good callers of', 'asked', 'right', 'rejected', 'wrong'], ['---', '---:', '---:', '---:', '---:']),
    ...rows(...[...good].map(([name, tally]) => [name, tally.asked, tally.right, tally.rejected, tally.wrong.length])),
    '',
    ...rows(['fault', 'times'], ['---', '---:'], ...[...events].sort()),
    '',
    ...rows(['requests that ended', 'counted by the server', 'seen by callers'], ['---', '---:', '---:']),
    ...rows(...requestBalance(page, ledger).map(({ code, counted, seen }) => [code, counted, seen])),
    ...rows(['not read by their callers', '', ledger.unread]),
    '',
    ...rows(['of the worker process', 'before', 'after'], ['---', '---:', '---:']),
    ...rows(['open files', before.openFiles, after.openFiles], ['engine processes', before.engines, after.engines]),
    ...rows(['requests unanswered', before.unanswered, after.unanswered]),
    ...rows(['memory in use', mebibytes(before.usedBytes), mebibytes(after.usedBytes)]),
    ...rows(['memory in use, at least, in the first and last third', mebibytes(earlyBytes), mebibytes(lateBytes)]),
    ...rows([
      'resident memory',
      mebibytes(samples[0]?.residentBytes ?? 0),
      mebibytes(samples.at(-1)?.residentBytes ?? 0),
    ]),
    '',
    ...[...findings, ...wrong].slice(0, 20).map((line) => `- ${line}`),
  ].join('\n');
}
