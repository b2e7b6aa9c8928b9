import { type BatchResult, EngineFailure, type InstanceGroup } from '../core/inference-engine.js';
import type { Batching } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { asBatch, splitRows } from '../scheduling/merge.js';
import { capacity } from './capacity.js';
import { none } from './plan-batching.js';
import { sameValues } from './same-values.js';
import { type SampleRecipe, sampleInputs, sampleRecipes } from './sample-inputs.js';

export interface TrialOptions {
  readonly group: InstanceGroup;
  readonly signature: ModelSignature;
  /** What the shapes allow, to be proven. */
  readonly planned: Batching;
  /** The operator said that rows are independent: believed without proof. */
  readonly trusted: boolean;
  readonly runTimeoutMs: number;
}

export interface TrialOutcome {
  readonly batching: Batching;
  /** What the model took; undefined when none of the made-up inputs would do. */
  readonly recipe: SampleRecipe | undefined;
  /** What the plainest inputs failed with, when none would do. */
  readonly refusal?: TrialFailure;
}

export type TrialFailure = ServingError | EngineFailure;

/** Rows compared alone and together. */
const provenRows = 3;

/**
 * Runs the fresh model on made-up inputs, which warms it up, and batches only what that shows to be safe: a batch
 * must give for each row what the row gives alone.
 */
export async function tryOut(options: TrialOptions): Promise<TrialOutcome> {
  const { planned, trusted } = options;
  let refusal: TrialFailure | undefined;
  let emptied: SampleRecipe | undefined;
  for (const recipe of sampleRecipes(options.signature)) {
    const outcome = await attempt(options, recipe);
    if (outcome instanceof Error) refusal ??= outcome;
    else if (outcome === 'empty') emptied ??= recipe;
    else return { batching: trusted ? planned : outcome, recipe };
    if (isFullyFixed(options.signature)) break;
  }
  if (emptied !== undefined) {
    const reason = 'whether its rows are independent could not be seen: an output is empty for all made-up inputs';
    return { batching: trusted ? planned : none(reason), recipe: emptied };
  }
  const untried = { recipe: undefined, ...(refusal && { refusal }) };
  if (trusted || planned.kind === 'none' || (planned.kind === 'fixed' && planned.rows === 1)) {
    return { batching: planned, ...untried };
  }
  const reason = 'whether its rows are independent could not be tried out: it takes none of the made-up inputs';
  return { batching: none(reason), ...untried };
}

/** What a run of made-up inputs shows; `empty` is nothing, because an output without elements is always the same. */
type Shown = Batching | 'empty';

/** The failure when the model does not take this recipe's inputs. */
async function attempt(options: TrialOptions, recipe: SampleRecipe): Promise<Shown | TrialFailure> {
  try {
    return await prove(options, recipe);
  } catch (error) {
    if (error instanceof EngineFailure && error.kind === 'CLOSED') throw error;
    if (error instanceof EngineFailure || error instanceof ServingError) return error;
    throw error;
  }
}

async function prove(options: TrialOptions, recipe: SampleRecipe): Promise<Shown> {
  const { planned } = options;
  const sample = (rows: number, firstRow = 0, repeated = false): NamedTensor[] =>
    sampleInputs(options.signature, recipe, { rows, firstRow, repeated, batched: planned.kind !== 'none' });
  if (planned.kind === 'none') {
    await runOnce(options, sample(1));
    return planned;
  }
  if (planned.kind === 'fixed') return proveFixed(options, planned.rows, sample);
  const singles: NamedTensor[][] = [];
  for (let row = 0; row < provenRows; row++) singles.push([...(await runOnce(options, sample(1, row))).outputs]);
  let together: readonly NamedTensor[];
  try {
    together = (await runOnce(options, sample(provenRows))).outputs;
  } catch (error) {
    if (error instanceof ServingError) return none('it takes one row but not several, although axis 0 is free');
    throw error;
  }
  const different = differingOutput(together, singles);
  return different === undefined ? unlessEmpty(together, planned) : none(different);
}

const unlessEmpty = (outputs: readonly NamedTensor[], shown: Batching): Shown =>
  outputs.some(({ data }) => data.length === 0) ? 'empty' : shown;

/**
 * Rotates the rows: row i must give the same answer at place i + 1, beside other neighbours; and the first one beside
 * copies of itself, which is how a batch is filled up.
 */
async function proveFixed(
  options: TrialOptions,
  rows: number,
  sample: (rows: number, firstRow: number, repeated?: boolean) => NamedTensor[],
): Promise<Shown> {
  const straight = (await runOnce(options, sample(rows, 0))).outputs;
  if (straight.some((output) => output.shape[0] !== rows)) return none('an output has no batch axis');
  if (rows === 1) return options.planned;
  const shifted = (await runOnce(options, sample(rows, 1))).outputs;
  const filled = (await runOnce(options, sample(rows, 0, true))).outputs;
  for (const [index, output] of straight.entries()) {
    const [moved, copied] = [shifted[index] as NamedTensor, filled[index] as NamedTensor];
    if (moved.shape[0] !== rows || copied.shape[0] !== rows) return none('an output has no batch axis');
    const isSame = sameRows([output, 1], [moved, 0], rows - 1) && sameRows([output, 0], [copied, 0], 1);
    if (!isSame) return none(dependent(output.name));
  }
  return unlessEmpty(straight, options.planned);
}

type FromRow = readonly [tensor: NamedTensor, firstRow: number];

function sameRows([a, firstOfA]: FromRow, [b, firstOfB]: FromRow, rows: number): boolean {
  const [left] = splitRows([a], firstOfA, rows);
  const [right] = splitRows([b], firstOfB, rows);
  return sameValues(left as NamedTensor, right as NamedTensor);
}

/** A sentence about the first output whose rows together are not what they are alone. */
function differingOutput(
  together: readonly NamedTensor[],
  singles: readonly (readonly NamedTensor[])[],
): string | undefined {
  for (const [index, output] of together.entries()) {
    if (output.shape[0] !== singles.length) return `output "${output.name}" has no batch axis`;
    for (const [row, single] of singles.entries()) {
      const alone = single[index] as NamedTensor;
      if (alone.shape[0] !== 1) return `output "${output.name}" has no batch axis`;
      const [beside] = splitRows([output], row, 1);
      if (!sameValues(alone, beside as NamedTensor)) return dependent(output.name);
    }
  }
  return undefined;
}

const dependent = (output: string): string =>
  `output "${output}" of a row changes with the rows beside it, or from run to run`;

const isFullyFixed = (signature: ModelSignature): boolean =>
  signature.inputs.every(
    (spec) => spec.shape?.slice(1).every((size) => typeof size === 'number') && !/INT|BYTES/.test(spec.dataType),
  );

/** Kills from outside that a run is repeated after; more may be its own doing, by the memory it takes. */
const killsForgiven = 3;

/** Waits for an instance where the last run ended its process. */
export async function runOnce(
  { group, signature, runTimeoutMs }: Pick<TrialOptions, 'group' | 'signature' | 'runTimeoutMs'>,
  inputs: readonly NamedTensor[],
): Promise<BatchResult> {
  const outputs = signature.outputs.map((spec) => spec.name);
  const batch = asBatch(inputs, outputs);
  for (let kills = 0; ; ) {
    const result = group.tryRun(batch, { timeoutMs: runTimeoutMs });
    if (result === undefined) {
      await capacity(group);
      continue;
    }
    try {
      return await result;
    } catch (error) {
      if (!(error instanceof EngineFailure && error.wasKilled) || ++kills > killsForgiven) throw error;
    }
  }
}
