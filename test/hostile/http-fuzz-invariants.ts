import type { HttpFuzzReport } from './fuzz-http.js';

/** What compiled code and the tables of requests that came for the first time may take. */
const mostGrowthBytes = 24 * 2 ** 20;

/** Fewer answers say nothing; how many there are time for depends on the machine. */
const leastAsked = 20;

/** What must hold, whatever is sent: a sentence for each thing that does not. */
export const httpFuzzInvariants: Readonly<Record<string, (report: HttpFuzzReport) => readonly string[]>> = {
  'the server is the process that it was, and stops as it should': ({ isAlive, exitCode }) =>
    isAlive && exitCode === 0 ? [] : [`alive: ${isAlive}, exit code ${exitCode}`],
  'every request is answered in well-formed HTTP, with the right answer or an error in JSON': ({ faults }) => faults,
  'nothing fails in a way that nobody foresaw': ({ internalErrors }) => internalErrors,
  'a good client beside gets every answer, and the right one': ({ good }) =>
    good.asked > leastAsked ? good.wrong : [`it got to ask ${good.asked} times only`],
  'connections, requests and memory are given back': ({ before, after }) => [
    ...(after.openFiles > before.openFiles ? [`${after.openFiles} files are open, before ${before.openFiles}`] : []),
    ...(after.unanswered > 0 ? [`${after.unanswered} requests are still being answered`] : []),
    ...(after.usedBytes - before.usedBytes > mostGrowthBytes
      ? [`${after.usedBytes} bytes are in use, before ${before.usedBytes}`]
      : []),
  ],
};

export function formatHttpFuzz(report: HttpFuzzReport): string {
  const statuses = Object.entries(report.answers).map(([status, count]) => `${count} × ${status}`);
  const [early, late] = report.residentBytes.map((bytes) => `${Math.round(bytes / 2 ** 20)} MiB`);
  const lines = [
    `${report.connections} connections; answers: ${statuses.join(', ')}`,
    `the good client asked ${report.good.asked} times; memory ${early} early, ${late} at the end, of it in use ${Math.round(report.after.usedBytes / 2 ** 20)} MiB`,
  ];
  for (const [invariant, problemsIn] of Object.entries(httpFuzzInvariants)) {
    const problems = problemsIn(report);
    lines.push(`${problems.length === 0 ? 'kept' : 'BROKEN'}: ${invariant}`);
    for (const problem of problems.slice(0, 40)) lines.push(`  ${problem}`);
  }
  return lines.join('\n');
}
