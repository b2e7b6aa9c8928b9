import type { ChaosReport } from '../test/chaos/chaos-report.js';
import { heapTrend } from '../test/chaos/heap-trend.js';
import { invariants } from '../test/chaos/invariants.js';

export interface SoakPageOptions {
  readonly report: ChaosReport;
  /** Where and with what, in a sentence. */
  readonly machine: string;
  readonly command: string;
}

const mostProblems = 20;

/** The result of a soak as a page of the documentation: its tables summed up. */
export function soakPage({ report, machine, command }: SoakPageOptions): string {
  return `# Soak

The chaos test of [test/chaos](../test/chaos), for an hour. Good callers know the right answers and compare every one.
Meanwhile engine processes are killed and frozen, and so is the process that starts them; versions are put in place, replaced
and removed, weights written over in place, models unloaded and loaded; models end the process that loads them; the models
folder goes away and comes back. Callers send poison, endless requests, allocation bombs, odd headers and what is no HTTP,
ask for answers of megabytes and read nothing, hang up, trickle their bodies or cut them off, and fill the queues.
[Reliability](reliability.md) says what the server does about each.

\`\`\`
${command}
\`\`\`

It prints every table that this page sums up, and exits with 1 where an invariant is broken.

${machine}

| | |
| --- | --- |
${summary(report).map(rowOf).join('\n')}

## What was promised

${Object.entries(invariants)
  .map(([invariant, problemsIn]) => verdict(invariant, problemsIn(report)))
  .join('\n')}
`;
}

type Cell = string | number;

function summary({
  good,
  events,
  ledger,
  before,
  after,
  samples,
}: ChaosReport): readonly (readonly [string, ...Cell[]])[] {
  const tallies = [...good.values()];
  const sum = (pick: (tally: (typeof tallies)[number]) => number): number =>
    tallies.reduce((total, tally) => total + pick(tally), 0);
  const times = (event: string): number => events.get(event) ?? 0;
  const { earlyBytes, lateBytes } = heapTrend(samples);
  return [
    ['requests', ledger.sent],
    ['good requests', sum(({ asked }) => asked)],
    ['… answered, and answered right', sum(({ right }) => right)],
    ['… rejected, of models that were being unloaded or overfilled', sum(({ rejected }) => rejected)],
    ['… wrong, or without an answer', sum(({ asked, right, rejected }) => asked - right - rejected)],
    ['engine processes killed, frozen', times('engines killed'), times('engines frozen')],
    ['versions put in place: good, broken', times('versions put in place'), times('broken versions put in place')],
    ['models that end the process that loads them', times('crashing loads')],
    [
      'weights written over in place; times the folder went away',
      times('weights written over in place'),
      times('folders vanished'),
    ],
    [
      'poison requests, endless requests, allocation bombs',
      times('poison requests sent'),
      times('endless requests sent'),
      times('allocation bombs sent'),
    ],
    ['callers who hung up, bodies cut off', times('callers who hung up'), times('bodies truncated')],
    ['answers of megabytes: given, rejected', times('giant answers given'), times('giant answers rejected')],
    [
      'callers who rested in the midst of an answer: cut off, got all of it',
      times('readers that stop: cut off'),
      times('readers that stop: all of it'),
    ],
    [
      'requests in floods: answered, rejected',
      times('requests answered in floods'),
      times('requests rejected in floods'),
    ],
    ['open files of the worker before and after', before.openFiles, after.openFiles],
    ['engine processes before and after', before.engines, after.engines],
    ['memory in use by the worker, least in the first and the last third', mebibytes(earlyBytes), mebibytes(lateBytes)],
  ];
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const rowOf = ([name, ...cells]: readonly [string, ...Cell[]]): string =>
  `| ${name} | ${cells.map((cell) => cell.toLocaleString('en-US')).join(', ')} |`;

function verdict(invariant: string, problems: readonly string[]): string {
  const lines = problems.slice(0, mostProblems).map((problem) => `  - ${problem}`);
  return [`- ${problems.length === 0 ? 'Kept' : '**Broken**'}: ${invariant}.`, ...lines].join('\n');
}
