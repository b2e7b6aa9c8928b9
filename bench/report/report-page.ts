import type { Earlier, Provenance, Results } from '../sections/sections.js';
import { bars } from './bars.js';
import { table } from './markdown.js';
import { modelFilesSection } from './model-files-section.js';
import {
  bothCoresSection,
  codecsSection,
  connectionsSection,
  frontsSection,
  manyModelsSection,
  observabilitySection,
  overloadSection,
  startSection,
} from './section-texts.js';
import { servingSection } from './serving-section.js';

const introduction = `# Benchmarks

\`npm run bench\` writes this page: models, requests, servers and load generator are all in [bench/](../bench/README.md),
and nothing but Node.js and the project's own packages is needed. \`npm run bench -- --quick\` prints a subset in about
two minutes, \`npm run bench -- --help\` lists the options. The figures of every round are in
[benchmarks/results.json](benchmarks/results.json).

How to read the tables: contenders are measured in turns, round by round, in one run, and a ratio is the median of the
rounds' ratios, so what the machine does besides meets all of them alike. Compare ratios; absolute figures are this
machine's. The server has one core (front and engines together) and the load generator another one, unless a section
says otherwise.

- **Slipway** as it comes, without a setting: \`slipway serve\`.
- **naive**: Fastify and \`await session.run()\` in one process, [what one writes in an afternoon](../bench/contenders/naive-server.ts),
  with the engine options of Slipway; it checks and logs nothing.
- **raw engine**: \`await session.run()\` in a loop with the tensors at hand, without a server: the ceiling.
- **HTTP floor**: Fastify that takes the same body, looks at none of it and answers with as many bytes.`;

/** The page, in Markdown, of what was measured so far. */
export function reportPage(results: Results): string {
  const parts = [
    introduction,
    barsSection(results),
    part(results.serving, servingSection),
    part(results['both-cores'], bothCoresSection),
    part(results.overload, overloadSection),
    part(results.connections, connectionsSection),
    part(results.fronts, frontsSection),
    part(results['many-models'], manyModelsSection),
    part(results.observability, observabilitySection),
    part(results.start, startSection),
    part(results['model-files'], modelFilesSection),
    part(results.codecs, codecsSection),
  ];
  return `${parts.filter((text) => text !== undefined).join('\n\n')}\n`;
}

function part<Result extends Provenance & { data: unknown; earlier?: readonly Earlier[] }>(
  result: Result | undefined,
  write: (data: Result['data']) => string,
): string | undefined {
  if (result === undefined) return undefined;
  const earlier = (result.earlier ?? []).map((one) => provenance(one, `${one.workloads.join(', ')}: `));
  return [write(result.data), provenance(result), ...earlier].join('\n\n');
}

function provenance({ machine, rounds }: Provenance, about = ''): string {
  const { processor, cores, memoryGiB, system, node, onnxruntime, fastify, commit, measuredAt, loadAverage } = machine;
  return `<sub>${about}${measuredAt} UTC, ${rounds} rounds, commit ${commit}; ${cores} cores of ${processor}, ${memoryGiB} GiB, ${system}, load average at the start ${loadAverage}; Node.js ${node}, onnxruntime-node ${onnxruntime}, Fastify ${fastify}.</sub>`;
}

function barsSection(results: Results): string | undefined {
  const measured = bars(results).filter(({ measured: value }) => !Number.isNaN(value));
  if (measured.length === 0) return undefined;
  const rows = measured.map(({ about, wanted, measured: value, show, isReached }) => [
    about,
    wanted,
    show(value),
    isReached(value) ? 'yes' : 'no',
  ]);
  const why = '[Performance](performance.md) says what is behind the figures, and why some bars are not reached.';
  return `## What is held to\n\n${table(['', 'wanted', 'measured', 'reached'], rows)}\n\n${why}`;
}
