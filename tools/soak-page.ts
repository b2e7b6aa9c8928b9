import type { ChaosReport } from '../test/chaos/chaos-report.js';
import { formatReport } from '../test/chaos/format-report.js';
import type { FrontSample } from '../test/chaos/front-watch.js';
import { promises } from '../test/chaos/promises.js';

export interface SoakPageOptions {
  readonly report: ChaosReport;
  /** Where and with what, in a sentence. */
  readonly machine: string;
  readonly command: string;
}

const lines = 13;

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

/** The result of a soak as a page of the documentation. */
export function soakPage({ report, machine, command }: SoakPageOptions): string {
  const kept = Object.entries(promises).map(([promise, problemsIn]) => {
    const problems = problemsIn(report).slice(0, 20);
    return [
      `- ${problems.length === 0 ? 'Kept' : '**Broken**'}: ${promise}.`,
      ...problems.map((line) => `  - ${line}`),
    ];
  });
  return `# Soak

The chaos test of [test/chaos](../test/chaos), for longer: good callers of several models know the right answers and
compare every one, while engine processes are killed and frozen at random, versions are put in place, replaced and
removed, models unloaded and loaded, poison, endless requests and allocation bombs are sent, callers hang up, bodies are
cut off and queues overfilled. [docs/reliability.md](reliability.md) says what the server makes of each.

\`\`\`
${command}
\`\`\`

${machine}

## What was promised

${kept.flat().join('\n')}

## Over time

| minutes | requests | unanswered at that moment | engine processes | front resident, MiB | in use, MiB |
| ---: | ---: | ---: | ---: | ---: | ---: |
${spread(report.samples).map(rowOf).join('\n')}

## What happened

${formatReport(report).trimEnd()}
`;
}

const rowOf = ({ seconds, requests, unanswered, engines, residentBytes, usedBytes }: FrontSample): string =>
  `| ${[(seconds / 60).toFixed(0), requests, unanswered, engines, mebibytes(residentBytes), mebibytes(usedBytes)].join(' | ')} |`;

/** A few of them, from the first to the last, evenly. */
function spread(samples: readonly FrontSample[]): readonly FrontSample[] {
  const count = Math.min(lines, samples.length);
  const step = (samples.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => samples[Math.round(index * step)] as FrontSample);
}
