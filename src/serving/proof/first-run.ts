import type { BatchAxes, Batching } from '../../core/model.js';
import type { RowFacts } from '../../core/model-source.js';
import type { ProcessFailure } from '../../core/process-failure.js';
import type { ServingError } from '../../core/serving-error.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { candidateAxes, declaredOutputAxes, type InputAxes, requiredInputs } from './candidate-axes.js';
import { none } from './plan-batching.js';
import { rowSeeds } from './row-pool.js';
import { isRunFailure, RowRuns } from './row-runs.js';
import type { RunInputs } from './run-inputs.js';
import { sampleInputs, sampleRecipes } from './sample-inputs.js';
import { type SampleRecipe, SampleTooLarge } from './sample-shapes.js';

export type TrialFailure = ServingError | ProcessFailure;

/** What a fresh model did with made-up inputs of one row. */
export interface FirstRun {
  /** What it took; undefined when none of the made-up inputs would do. */
  readonly recipe: SampleRecipe | undefined;
  /** What the plainest inputs failed with, when none would do. */
  readonly trialFailure?: TrialFailure;
}

export interface TrialOptions {
  readonly run: RunInputs;
  readonly signature: ModelSignature;
  /** What the shapes allow, to be proven. */
  readonly planned: Batching;
  /** A response of more bytes is rejected. */
  readonly responseLimitBytes: number;
}

/** Runs the fresh model once, which warms it up: made-up inputs are tried until it takes some. */
export async function firstRun({
  run,
  signature,
  planned,
  limits,
}: Omit<TrialOptions, 'responseLimitBytes'> & Pick<RowFacts, 'limits'>): Promise<FirstRun> {
  const rows = planned.kind === 'fixed' ? planned.rows : 1;
  const axes = plannedAxes(planned, signature);
  let trialFailure: TrialFailure | undefined;
  for (const plain of sampleRecipes(signature)) {
    const recipe = { ...plain, limits };
    try {
      await run(sampleInputs(signature, recipe, { rows, axes }));
      return { recipe };
    } catch (error) {
      if (!isRunFailure(error)) throw error;
      trialFailure ??= error;
    }
    if (isFullyFixed(signature)) break;
  }
  return { recipe: undefined, ...(trialFailure && { trialFailure }) };
}

/** Where rows are taken to lie in the inputs, as long as nothing was shown. */
export const plannedAxes = (planned: Batching, signature: ModelSignature): InputAxes | undefined =>
  planned.axes?.inputs ??
  (planned.kind === 'none' ? undefined : new Map(requiredInputs(signature).map(({ name }) => [name, 0])));

/** How a model is served that took none of the made-up inputs: nothing was shown. */
export function untriedBatching({
  planned,
  trialFailure,
}: Pick<TrialOptions, 'planned'> & { readonly trialFailure?: TrialFailure | undefined }): Batching {
  if (planned.kind === 'none' || (planned.kind === 'fixed' && planned.rows === 1)) return planned;
  const why = trialFailure instanceof SampleTooLarge ? trialFailure.message : 'it takes none of the made-up inputs';
  return none(`whether its rows are independent could not be tried out: ${why}`);
}

const isFullyFixed = (signature: ModelSignature): boolean =>
  signature.inputs.every(
    (spec) => spec.shape?.slice(1).every((size) => typeof size === 'number') && !/INT|BYTES/.test(spec.dataType),
  );

/** Of a version that serves already. */
const pendingReason = 'whether its rows are independent is still being tried out';

/** Until the proof is done. `axes`: where rows lie, if that is known. */
export const pendingBatching = (axes: BatchAxes | undefined, planned: Batching): Batching => ({
  kind: 'none',
  reason: pendingReason,
  pending: true,
  ...(axes !== undefined && { axes }),
  ...(planned.kind === 'fixed' && { rows: planned.rows }),
});

/**
 * Where rows lie, before anything is proven: by names, where all outputs have the one that the inputs share; else as
 * runs of one row and of two show it. Undefined where neither tells.
 */
export async function findAxes(
  options: TrialOptions & { readonly recipe: SampleRecipe },
): Promise<BatchAxes | undefined> {
  const { run, signature, planned, recipe, responseLimitBytes } = options;
  const inputs = plannedAxes(planned, signature) ?? candidateAxes(signature)[0];
  if (inputs === undefined || planned.kind === 'fixed')
    return inputs && { inputs, outputs: declaredOutputAxes(signature) };
  if (isNamedThroughout(signature, inputs)) return { inputs, outputs: declaredOutputAxes(signature) };
  const runs = new RowRuns({
    run,
    signature,
    axes: inputs,
    recipe,
    shared: 0,
    constants: new Set(),
    responseLimitBytes,
  });
  try {
    const found = await runs.findAxes(rowSeeds(signature, recipe.kind, 2).slice(0, 2), [1, 2]);
    return 'axes' in found ? { inputs, outputs: found.axes } : undefined;
  } catch (error) {
    if (isRunFailure(error)) return undefined;
    throw error;
  }
}

function isNamedThroughout({ inputs, outputs }: ModelSignature, axes: InputAxes): boolean {
  const symbols = new Set(
    inputs.flatMap(({ name, shape }) => {
      const axis = axes.get(name);
      return axis === undefined ? [] : [shape?.[axis]];
    }),
  );
  const [symbol] = symbols;
  return symbols.size === 1 && typeof symbol === 'string' && outputs.every(({ shape }) => shape?.includes(symbol));
}
