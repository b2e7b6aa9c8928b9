import { parseArgs } from 'node:util';
import { type ExternalTarget, parseTarget, targetSyntax } from './contenders/external-target.js';
import type { ModelName } from './recipes/make-models.js';
import { type SectionName, sectionNames } from './sections/sections.js';
import { workloadNames } from './workloads/workloads.js';

export interface BenchOptions {
  readonly quick: boolean;
  readonly rounds: number;
  readonly sections: readonly SectionName[];
  readonly workloads: readonly ModelName[];
  readonly targets: readonly ExternalTarget[];
}

export const help = `Usage: npm run bench -- [options]

Measures Slipway against a naive server, the raw engine and HTTP's floor, and writes docs/benchmarks.md with the
results of the sections and workloads that were run; those of others stay as they were.

  --quick             two minutes: fewer workloads, short rounds; prints and writes nothing
  --rounds N          rounds in which all contenders take turns (5; 3 when quick)
  --sections A,B      ${sectionNames.join(', ')}
  --workloads A,B     ${workloadNames.join(', ')}
  --target T          another server that is already running, compared in the section "serving"; may be repeated:
                      ${targetSyntax}`;

const quickSections: readonly SectionName[] = ['serving', 'observability', 'overload', 'start'];
const quickWorkloads: readonly ModelName[] = ['mlp', 'mnist-cnn', 'resnet-50'];

/** Throws with what is wrong; undefined when only help was asked for. */
export function readOptions(argv: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      sections: { type: 'string' },
      workloads: { type: 'string' },
      target: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  return {
    quick,
    rounds: readRounds(values.rounds ?? (quick ? '3' : '5')),
    sections: readNames('--sections', values.sections, sectionNames) ?? (quick ? quickSections : sectionNames),
    workloads: readNames('--workloads', values.workloads, workloadNames) ?? (quick ? quickWorkloads : workloadNames),
    targets: values.target.map(parseTarget),
  };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`--rounds: expected a whole number from 1 on, got ${JSON.stringify(text)}`);
}

function readNames<Name extends string>(
  flag: string,
  text: string | undefined,
  known: readonly Name[],
): readonly Name[] | undefined {
  return text?.split(',').map((given) => {
    const name = known.find((one) => one === given);
    if (name !== undefined) return name;
    throw new Error(`${flag}: expected some of ${known.join(', ')}, got ${JSON.stringify(given)}`);
  });
}
