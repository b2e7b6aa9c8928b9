import { ServingError } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { InputAxes } from './candidate-axes.js';
import { draws, mixesOf, type ProofSize, proofSize } from './proof-mixes.js';
import { ProofPass } from './proof-pass.js';
import { type RowSeed, rowSeeds } from './row-pool.js';
import { isRunFailure, RowRuns } from './row-runs.js';
import type { RunInputs } from './run-inputs.js';
import { largestSampleBytes, type SampleRecipe, SampleTooLarge, sampleBytes, sampleShapes } from './sample-shapes.js';

export interface ProveRowsOptions {
  readonly run: RunInputs;
  readonly signature: ModelSignature;
  readonly axes: InputAxes;
  /** Rows that every run has, where the model fixes them. */
  readonly fixedRows?: number;
  /** That the model took when it was loaded. */
  readonly recipe: SampleRecipe;
  /** Rows in one run, at most, as the operator allows. */
  readonly mostRows: number;
  /** Outputs known to be the same whatever the inputs. */
  readonly constants: ReadonlySet<string>;
  /** Outputs that the graph shows to be computed row by row. */
  readonly rowwise: ReadonlySet<string>;
  /** A response of more bytes is rejected: what is made up keeps within it, so that batches of that size do. */
  readonly responseLimitBytes: number;
}

export interface RowsProof {
  /** Why rows must not share a run; undefined where they were shown to be independent. */
  readonly problem?: string;
  /** Where rows lie in the outputs, as far as that was seen. */
  readonly outputs?: ReadonlyMap<string, number>;
  /** Rows that runs may have: more would take too long, or too much memory. */
  readonly mostRows: number;
  /** Compares runs of so many rows, too. Gives the problem, if there is one. */
  compareAt(rows: number): Promise<string | undefined>;
}

/** A proof run takes no longer than this, more or less: a request may have to wait for it. */
const longestRunMs = 250;
/** Runs need not be small where a row alone takes long. */
const leastMostRows = 4;
/** Sizes of free axes: more than one element, and no power of two, at first. */
const freeSizes = [5, 16, 2] as const;

/**
 * Compares rows of many kinds as they are answered alone with what they are answered beside others. An output proves
 * something only where rows have different answers.
 */
export async function proveRows(options: ProveRowsOptions): Promise<RowsProof> {
  const { signature, recipe, rowwise, constants } = options;
  const distinct = new Set<string>();
  const failed = (problem: string, outputs?: ReadonlyMap<string, number>): RowsProof => ({
    problem,
    ...(outputs !== undefined && { outputs }),
    mostRows: 1,
    compareAt: async () => problem,
  });
  let main: MainPass | undefined;
  let outputs: ReadonlyMap<string, number> | undefined;
  for (const [shared, freeSize] of sizesToTry(signature, recipe, options.axes).entries()) {
    const sized = { ...recipe, freeSize };
    const runs = new RowRuns({ ...options, recipe: sized, shared });
    const pass = new ProofPass({ ...options, runs, recipe: sized });
    const taken = rowSeeds(signature, recipe.kind, 3).slice(0, 3);
    try {
      const found = await runs.findAxes(taken);
      if ('problem' in found) return failed(found.problem, outputs);
      outputs ??= found.axes;
    } catch (error) {
      if (!isRunFailure(error)) throw error;
      if (error instanceof SampleTooLarge) return failed(untried(error.message));
      // Other lengths may be beyond what it takes; the rows that it was loaded with are not.
      if (freeSize !== recipe.freeSize || main !== undefined) continue;
      return failed(await oneButNotSeveral({ pass, runs }, taken, error));
    }
    const size = proofSize(runs.rowMs, mostRowsOf(options, runs, sized));
    const problem = await compareAll(pass, options, main === undefined ? size : lighter(size));
    if (problem !== undefined) return failed(problem, outputs);
    for (const name of pass.distinctOutputs()) distinct.add(name);
    main ??= { pass, mostRows: mostRowsOf(options, runs, sized) };
  }
  if (main === undefined) return failed(untried('it takes none of the made-up inputs'));
  const unproven = signature.outputs.find(
    ({ name }) => !distinct.has(name) && !constants.has(name) && !rowwise.has(name),
  );
  const { pass, mostRows } = main;
  if (unproven !== undefined) return failed(unseen(unproven.name, pass), outputs);
  const draw = draws(2);
  return {
    ...(outputs !== undefined && { outputs }),
    mostRows,
    compareAt: async (rows) => {
      const before = pass.distinctOutputs();
      const problem = await compareMixes(pass, mixesOf(pass.pool, rows, 3, draw));
      const after = pass.distinctOutputs();
      const lost = [...before].find((name) => !after.has(name) && !rowwise.has(name));
      return problem ?? (lost === undefined ? undefined : unseen(lost, pass));
    },
  };
}

interface MainPass {
  readonly pass: ProofPass;
  readonly mostRows: number;
}

async function compareAll(pass: ProofPass, options: ProveRowsOptions, size: ProofSize): Promise<string | undefined> {
  const { signature, recipe, fixedRows } = options;
  const seeds = rowSeeds(signature, recipe.kind, size.plain);
  const problem = await pass.collect([...seeds.slice(0, size.plain), ...chosen(seeds.slice(size.plain), size.others)]);
  if (problem !== undefined) return problem;
  if (pass.pool.length < 2) return untried('it takes none of the made-up inputs');
  const draw = draws(1);
  for (const rows of fixedRows === undefined ? size.sizes : [fixedRows]) {
    const different = await compareMixes(pass, mixesOf(pass.pool, rows, size.mixes, draw));
    if (different !== undefined) return different;
  }
  return undefined;
}

async function compareMixes(pass: ProofPass, mixes: readonly (readonly RowSeed[])[]): Promise<string | undefined> {
  for (const mix of mixes) {
    const problem = await pass.compare(mix);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Of the kinds, in their order: the first of each kind before the second. */
function chosen(seeds: readonly RowSeed[], most: number): readonly RowSeed[] {
  const first = seeds.filter((seed, at) => seeds[at - 1]?.kind !== seed.kind);
  const second = seeds.filter((seed, at) => seeds[at - 1]?.kind === seed.kind);
  return [...first, ...second].slice(0, most);
}

const lighter = (size: ProofSize): ProofSize => ({
  plain: Math.min(3, size.plain),
  others: Math.min(4, size.others),
  sizes: size.sizes.slice(0, 3),
  mixes: Math.min(3, size.mixes),
});

/** The first that the model takes is looked at thoroughly. */
function sizesToTry(signature: ModelSignature, recipe: SampleRecipe, axes: InputAxes): readonly number[] {
  const [first, ...others] = freeSizes;
  const shapesOf = (freeSize: number): string =>
    JSON.stringify(sampleShapes(signature, { ...recipe, freeSize }, { rows: 1, axes }).map(({ shape }) => shape));
  if (shapesOf(first) === shapesOf(recipe.freeSize + first)) return [recipe.freeSize];
  return [...new Set([first, recipe.freeSize, ...others])];
}

function mostRowsOf(
  { signature, axes, mostRows, fixedRows, responseLimitBytes }: ProveRowsOptions,
  { rowMs, responseBytes }: RowRuns,
  recipe: SampleRecipe,
): number {
  if (fixedRows !== undefined) return fixedRows;
  const rowBytes = Math.max(1, responseBytes, sampleBytes(sampleShapes(signature, recipe, { rows: 1, axes })));
  const byMemory = Math.min(largestSampleBytes / 2 / rowBytes, responseLimitBytes / Math.max(1, responseBytes));
  const byTime = Math.max(leastMostRows, Math.floor(longestRunMs / Math.max(1e-6, rowMs)));
  return Math.max(1, Math.min(mostRows, Math.floor(byMemory), byTime));
}

async function oneButNotSeveral(
  { pass, runs }: { readonly pass: ProofPass; readonly runs: RowRuns },
  rows: readonly RowSeed[],
  error: Error,
): Promise<string> {
  if (error instanceof ServingError && error.code === 'RESOURCE_EXHAUSTED') return untried(error.message);
  await pass.collect(rows.slice(0, 1));
  return pass.pool.length > 0 || runs.rowMs < Number.POSITIVE_INFINITY
    ? 'it takes one row but not several, although the axis is free'
    : untried(error.message);
}

const untried = (why: string): string => `whether its rows are independent could not be tried out: ${why}`;

const unseen = (output: string, pass: ProofPass): string => {
  const why = pass.isUnsteady(output) ? 'changes with rounding alone' : 'is the same, or empty,';
  return `whether its rows are independent could not be seen: output "${output}" ${why} for all made-up inputs`;
};
