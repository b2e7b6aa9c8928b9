import type { Earlier, Provenance, Results } from '../sections/sections.js';
import { bars } from './bars.js';
import { table } from './markdown.js';
import { connectionsSection, overloadSection, workersSection } from './section-texts.js';
import { servingSection } from './serving-section.js';

/** The tables, in Markdown, of what was measured so far; the figures behind them are in results.json. */
export function reportPage(results: Results): string {
  const parts = [
    barsSection(results),
    part(results.serving, servingSection),
    part(results.overload, overloadSection),
    part(results.connections, connectionsSection),
    part(results.workers, workersSection),
  ];
  return parts.filter((text) => text !== undefined).join('\n\n');
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
  const { processor, cores, node, onnxruntime, commit, measuredAt } = machine;
  return `<sub>${about}${measuredAt} UTC, ${rounds} rounds, ${commit}; ${cores} cores of ${processor}, Node.js ${node}, onnxruntime-node ${onnxruntime}.</sub>`;
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
  return `## What is held to\n\n${table(['', 'wanted', 'measured', 'reached'], rows)}`;
}
