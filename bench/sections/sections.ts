import type { Machine } from '../machine/machine.js';
import type { ModelName } from '../recipes/make-models.js';
import { workloadNames } from '../workloads/workloads.js';
import type { BenchContext } from './bench-context.js';
import { measureBothCores } from './both-cores.js';
import { measureCodecs } from './codecs.js';
import { measureConnections } from './connections.js';
import { measureManyModels } from './many-models.js';
import { measureModelFiles } from './model-files.js';
import { measureObservability } from './observability.js';
import { measureOverload } from './overload.js';
import { measureServing } from './serving.js';
import { measureStart } from './start.js';
import { measureWorkers } from './workers.js';

export const sections = {
  serving: measureServing,
  'both-cores': measureBothCores,
  connections: measureConnections,
  workers: measureWorkers,
  'many-models': measureManyModels,
  observability: measureObservability,
  overload: measureOverload,
  start: measureStart,
  'model-files': measureModelFiles,
  codecs: measureCodecs,
} as const satisfies Record<string, (context: BenchContext) => Promise<unknown>>;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];

/** Where, when and how often something was measured. */
export interface Provenance {
  readonly machine: Machine;
  readonly rounds: number;
}

/** Of workloads that were measured before the others. */
export interface Earlier extends Provenance {
  readonly workloads: readonly string[];
}

export interface SectionResult<Name extends SectionName> extends Provenance {
  readonly earlier?: readonly Earlier[];
  readonly data: Awaited<ReturnType<(typeof sections)[Name]>>;
}

/** What docs/benchmarks/results.json holds: the last result of each section. */
export type Results = { readonly [Name in SectionName]?: SectionResult<Name> };

export async function measureSection<Name extends SectionName>(
  name: Name,
  context: BenchContext,
  machine: Machine,
): Promise<SectionResult<Name>> {
  const data = (await sections[name](context)) as SectionResult<Name>['data'];
  return { machine, rounds: context.rounds, data };
}

/** The result together with what an earlier one has of other workloads. */
export function withOtherWorkloads(
  result: SectionResult<'serving'>,
  before: SectionResult<'serving'> | undefined,
): SectionResult<'serving'> {
  const measured = new Set(result.data.map(({ workload }) => workload));
  const kept = before?.data.filter(({ workload }) => !measured.has(workload)) ?? [];
  if (before === undefined || kept.length === 0) return result;
  const { machine, rounds } = before;
  const older = before.earlier ?? [];
  const isOlder = (workload: string): boolean => older.some(({ workloads }) => workloads.includes(workload));
  const workloads = [...new Set(kept.map(({ workload }) => workload))];
  const earlier = [
    { machine, rounds, workloads: workloads.filter((workload) => !isOlder(workload)) },
    ...older.map((one) => ({ ...one, workloads: one.workloads.filter((workload) => !measured.has(workload)) })),
  ].filter((one) => one.workloads.length > 0);
  const place = ({ workload }: { readonly workload: string }): number => workloadNames.indexOf(workload as ModelName);
  return { ...result, earlier, data: [...kept, ...result.data].sort((one, other) => place(one) - place(other)) };
}
