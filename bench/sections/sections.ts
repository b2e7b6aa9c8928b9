import type { Machine } from '../machine/machine.js';
import type { BenchContext } from './bench-context.js';
import { measureBothCores } from './both-cores.js';
import { measureCodecs } from './codecs.js';
import { measureConnections } from './connections.js';
import { measureFronts } from './fronts.js';
import { measureManyModels } from './many-models.js';
import { measureModelFiles } from './model-files.js';
import { measureObservability } from './observability.js';
import { measureOverload } from './overload.js';
import { measureServing } from './serving.js';
import { measureStart } from './start.js';

export const sections = {
  serving: measureServing,
  'both-cores': measureBothCores,
  connections: measureConnections,
  fronts: measureFronts,
  'many-models': measureManyModels,
  observability: measureObservability,
  overload: measureOverload,
  start: measureStart,
  'model-files': measureModelFiles,
  codecs: measureCodecs,
} as const satisfies Record<string, (context: BenchContext) => Promise<unknown>>;

export type SectionName = keyof typeof sections;
export const sectionNames = Object.keys(sections) as SectionName[];

export interface SectionResult<Name extends SectionName> {
  readonly machine: Machine;
  readonly rounds: number;
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
