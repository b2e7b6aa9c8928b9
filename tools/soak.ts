import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine/machine.js';
import { runChaos } from '../test/chaos/chaos-run.js';
import { formatReport } from '../test/chaos/format-report.js';
import { invariants } from '../test/chaos/invariants.js';
import type { WorkerSample } from '../test/chaos/worker-watch.js';
import { soakPage } from './soak-page.js';

/**
 * The chaos test, for longer: prints how it goes every so often, and the report at the end. Exits with 1 where something
 * was not as it should be. Usage: soak.js [--minutes 60] [--seed N] [--write docs/soak.md]
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    write: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('Usage: npm run soak -- [--minutes 60] [--seed N] [--write docs/soak.md]');
  process.exit(2);
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const secondsBetweenLines = Math.max(10, minutes);
let nextLineAt = 0;

function tell({ seconds, requests, usedBytes, residentBytes, engines, unanswered }: WorkerSample): void {
  if (seconds < nextLineAt) return;
  nextLineAt += secondsBetweenLines;
  console.log(
    `${Math.round(seconds)} s: ${requests} requests, ${unanswered} unanswered, ${engines} engines, worker ${mebibytes(residentBytes)} resident, ${mebibytes(usedBytes)} in use`,
  );
}

/** Each once, with how often it was there. */
function counted(problems: readonly string[]): (readonly [problem: string, times: number])[] {
  const times = new Map<string, number>();
  for (const problem of problems) times.set(problem, (times.get(problem) ?? 0) + 1);
  return [...times];
}

const { cores, processor, memoryGiB, node, commit, measuredAt, loadAverage } = describeMachine();
const machine = `${minutes} minutes on ${cores} ${cores === 1 ? 'core' : 'cores'} of ${processor}, ${memoryGiB} GiB, Node ${node}; ${commit}, ${measuredAt}; load average before: ${loadAverage}.`;
console.log(machine);
const report = await runChaos({ seconds: minutes * 60, seed, onSample: tell });
console.log(`\n${formatReport(report)}\n`);
let broken = 0;
for (const [invariant, problemsIn] of Object.entries(invariants)) {
  const problems = problemsIn(report);
  console.log(`${problems.length === 0 ? 'kept' : 'BROKEN'}: ${invariant}`);
  for (const [problem, times] of counted(problems).slice(0, 20)) console.log(`  ${times} × ${problem}`);
  broken += problems.length;
}
if (values.write !== undefined) {
  const command = `npm run soak -- --minutes ${minutes} --seed ${seed}`;
  writeFileSync(values.write, soakPage({ report, machine, command }));
}
process.exitCode = broken === 0 ? 0 : 1;
