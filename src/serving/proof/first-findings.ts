import type { Batching } from '../../core/model.js';
import type { ModelConfig } from '../../core/model-config.js';
import type { PreparedModel, RowFacts } from '../../core/model-source.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { findAxes, firstRun, pendingBatching, plannedAxes, type TrialFailure, untriedBatching } from './first-run.js';
import { none, plannedBatching } from './plan-batching.js';
import type { RunInputs } from './run-inputs.js';
import { sampleInputs } from './sample-inputs.js';
import { type SampleRecipe, SampleTooLarge } from './sample-shapes.js';

/** What is known of a version when it begins to serve. */
export interface FirstFindings {
  /** What the shapes allow, to be proven. */
  readonly planned: Batching;
  /** How it is served until then. */
  readonly batching: Batching;
  /** Whether a proof is to follow. */
  readonly isPending: boolean;
  readonly rowFacts: RowFacts;
  readonly recipe: SampleRecipe | undefined;
  readonly trialFailure: TrialFailure | undefined;
}

/** Of a model whose graph was not read so far. */
const noRowFacts: RowFacts = { problems: new Map(), constants: new Set(), rowwise: new Set(), limits: new Map() };

/** One row, and what it takes to know where rows lie; whether they are independent is found out while the version serves. */
export async function firstFindings(
  run: RunInputs,
  { signature, unbatchable, rowFacts = noRowFacts }: PreparedModel,
  { config, responseLimitBytes }: { readonly config: ModelConfig; readonly responseLimitBytes: number },
): Promise<FirstFindings> {
  const planned = unbatchable === undefined ? plannedBatching(signature, config) : none(unbatchable);
  const { recipe, trialFailure } = await firstRun({ run, signature, planned, limits: rowFacts.limits });
  const facts = { planned, recipe, trialFailure, rowFacts };
  if (config.batching === 'on') return { ...facts, batching: planned, isPending: false };
  if (recipe === undefined) return { ...facts, batching: untriedBatching(facts), isPending: false };
  if (planned.kind === 'fixed' && planned.rows === 1) return { ...facts, batching: planned, isPending: false };
  const axes =
    unbatchable === undefined ? await findAxes({ run, signature, planned, recipe, responseLimitBytes }) : undefined;
  // Of an output that is not served nothing follows.
  const problem = signature.outputs.map(({ name }) => rowFacts.problems.get(name)).find((one) => one !== undefined);
  if (planned.kind !== 'none' && problem === undefined) {
    return { ...facts, batching: pendingBatching(axes, planned), isPending: true };
  }
  const reason = planned.kind === 'none' ? planned.reason : (problem as string);
  return { ...facts, batching: { kind: 'none', reason, ...(axes !== undefined && { axes }) }, isPending: false };
}

/** Made-up inputs of one row that the model took; empty where it took none. */
export function sampleOf(
  signature: ModelSignature,
  batching: Batching,
  recipe: SampleRecipe | undefined,
): readonly NamedTensor[] {
  if (recipe === undefined) return [];
  try {
    return sampleInputs(signature, recipe, { rows: 1, axes: plannedAxes(batching, signature) });
  } catch (error) {
    // Without a batch axis all axes have the recipe's size: more than the trial's one row had.
    if (error instanceof SampleTooLarge) return [];
    throw error;
  }
}
