import type { RowFacts } from '../../core/model-source.js';
import type { ModelFile } from '../model-file.js';
import type { NodeOutline, ValueOutline } from '../model-outline.js';
import { isRows, type Operand } from './rowwise-operand.js';
import { rowwiseOutput } from './rowwise-operators.js';
import { tableLimits } from './table-limits.js';
import { TooManyVisits, ValueTrace } from './trace-values.js';
import { fromInputs, fromSizes, type ValueFlow } from './value-flow.js';

/** Reads from a model's graph what it tells about rows for certain; what it does not tell is left to trials. */
export function rowFacts({ outline, inputs, outputs }: Pick<ModelFile, 'outline' | 'inputs' | 'outputs'>): RowFacts {
  const given = inputs.filter(({ hasInitializer }) => !hasInitializer);
  const limits = tableLimits(outline.graph, new Set(given.map(({ name }) => name)));
  const withRows = new Set(given.filter((input) => hasRows(input, given)).map(({ name }) => name));
  const flows = traced(outline, given, withRows);
  if (flows === undefined) return { problems: new Map(), constants: new Set(), rowwise: new Set(), limits };
  const names = outputs.map(({ name }) => name);
  const problems = names.flatMap((name) => {
    const problem = problemOf(name, flows(name));
    return problem === undefined ? [] : [[name, problem] as const];
  });
  return {
    problems: new Map(problems),
    constants: new Set(names.filter((name) => flows(name).source === 'file')),
    rowwise: rowwiseOutputs(outline, given, withRows),
    limits,
  };
}

/** An input whose sizes are all fixed beside others with free ones is a parameter: one for all rows of a run. */
function hasRows({ type }: ValueOutline, all: readonly ValueOutline[]): boolean {
  if (type.kind !== 'tensor' || type.shape === null) return true;
  if (type.shape.length === 0) return false;
  return isFree(type.shape) || !all.some((other) => other.type.kind === 'tensor' && isFree(other.type.shape));
}

const isFree = (shape: readonly unknown[] | null): boolean =>
  shape === null || shape.some((size) => typeof size !== 'number');

function traced(
  { graph, functions }: ModelFile['outline'],
  inputs: readonly ValueOutline[],
  withRows: ReadonlySet<string>,
): ((name: string) => ValueFlow) | undefined {
  try {
    const given = new Map(inputs.map(({ name }) => [name, withRows.has(name) ? fromInputs : fromSizes]));
    const scope = new ValueTrace(functions).graph(graph, given);
    return (name) => scope.get(name);
  } catch (error) {
    if (error instanceof TooManyVisits) return undefined;
    throw error;
  }
}

function problemOf(output: string, { sizedBy, coupledBy }: ValueFlow): string | undefined {
  if (coupledBy === 'Loop') return `output "${output}" comes from a Loop that ends as the values of all rows say`;
  if (coupledBy === 'If') return `output "${output}" comes from an If that the values of all rows decide`;
  if (coupledBy !== undefined) return `output "${output}" comes through ${coupledBy}, which looks at all rows of a run`;
  if (sizedBy === undefined) return undefined;
  return `the size of output "${output}" follows from values, by ${sizedBy}, not from the number of rows`;
}

/** Along the file's order of nodes, which is one in which they can be computed. */
function rowwiseOutputs(
  { graph, functions }: Pick<ModelFile['outline'], 'graph' | 'functions'>,
  inputs: readonly ValueOutline[],
  withRows: ReadonlySet<string>,
): ReadonlySet<string> {
  // A caller may give another value.
  const open = new Set(graph.inputs.map(({ name }) => name));
  const known = new Map<string, Operand>(
    graph.initializers.map(({ name, dims, integers }) => [
      name,
      { same: dims, integers: open.has(name) ? undefined : integers },
    ]),
  );
  for (const { name, type } of inputs) if (withRows.has(name)) known.set(name, rowsOf(type));
  const called = new Set(functions.map(({ name }) => name));
  for (const node of graph.nodes) {
    if (called.has(node.operator)) continue;
    const operands = node.inputs.filter((name) => name !== '').map((name) => known.get(name));
    const given =
      node.operator === 'Constant'
        ? [constantOf(node)]
        : operands.every((operand) => operand !== undefined)
          ? rowwiseOutput(node, operands as Operand[])
          : undefined;
    if (given === undefined) continue;
    node.outputs.forEach((name, at) => {
      known.set(name, given[Math.min(at, given.length - 1)] as Operand);
    });
  }
  const isRowwise = (name: string): boolean => {
    const operand = known.get(name);
    return operand !== undefined && isRows(operand);
  };
  return new Set(graph.outputs.map(({ name }) => name).filter(isRowwise));
}

/** A size of zero is one that the exporter did not know. */
function rowsOf(type: ValueOutline['type']): Operand {
  const shape = type.kind === 'tensor' ? type.shape : null;
  const sizes = shape?.slice(1).map((size) => (typeof size === 'number' && size > 0 ? size : undefined));
  return { rank: shape?.length, sizes };
}

function constantOf({ attributes: [value] }: NodeOutline): Operand {
  const tensor = value?.tensors[0];
  return { same: tensor?.dims, integers: tensor?.integers };
}
