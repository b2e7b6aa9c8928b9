import type { Batching } from '../../core/model.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { CostCurve } from '../../scheduling/cost-curve.js';
import type { InputAxes } from './candidate-axes.js';
import type { RunInputs } from './run-inputs.js';
import { sampleInputs } from './sample-inputs.js';
import type { SampleRecipe } from './sample-shapes.js';

export interface MeasureOptions {
  readonly run: RunInputs;
  readonly signature: ModelSignature;
  readonly batching: Batching;
  /** Where rows lie in the inputs. */
  readonly axes: InputAxes | undefined;
  readonly recipe: SampleRecipe;
  /** Tokens of each made-up row; 1 where they do not count. */
  readonly length: number;
  /** Sizes are tried until the engine has computed this long; what is missing is learned from requests. */
  readonly budgetMs: number;
}

const repetitions = 3;
/** Runs that differ by no more than this share are believed without a third. */
const agreement = 0.2;

/** Throughput that a doubled batch must win for a still larger one to be tried. */
const worthDoubling = 1.1;
/** One doubling that wins nothing may be the machine's doing; two in a row are the model's. */
const vainDoublings = 2;
/** Where a doubling costs next to nothing, so will the next one: the size between is skipped. */
const nearlyFree = 1.8;

/** Puts into the curve what runs of 1, 2, 4, … rows cost, until larger ones win nothing or the time is up. */
export async function measureCosts(options: MeasureOptions, curve: CostCurve): Promise<void> {
  const { batching, length } = options;
  if (batching.kind !== 'dynamic') {
    const rows = batching.kind === 'fixed' ? batching.rows : 1;
    curve.observe(rows * length, await bestOf(options, rows));
    return;
  }
  const { maxBatchSize } = batching;
  let spentMs = 0;
  let bestPerRowMs = Number.POSITIVE_INFINITY;
  let inVain = 0;
  for (let rows = 1, step = 2; rows <= maxBatchSize; rows = nextSize(rows, step, maxBatchSize)) {
    const ms = await bestOf(options, rows);
    curve.observe(rows * length, ms);
    spentMs += repetitions * ms;
    const gain = bestPerRowMs / (ms / rows);
    inVain = gain < worthDoubling ? inVain + 1 : 0;
    bestPerRowMs = Math.min(bestPerRowMs, ms / rows);
    if (inVain === vainDoublings || spentMs + 2 * repetitions * ms > options.budgetMs) return;
    if (rows > 1) step = gain >= step * (nearlyFree / 2) ? 4 : 2;
  }
}

/** The last step, too, is one that is taken: what the largest size costs is worth knowing. */
function nextSize(rows: number, step: number, largest: number): number {
  return rows * step > largest && rows * 2 <= largest ? rows * 2 : rows * step;
}

/** The shortest of a few runs: what the machine does beside can only add. */
async function bestOf(options: MeasureOptions, rows: number): Promise<number> {
  const { signature, recipe, axes, run } = options;
  const inputs = sampleInputs(signature, recipe, { rows, axes });
  let bestMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < repetitions; turn++) {
    const { computeMs } = await run(inputs);
    const isAgreed = turn > 0 && Math.abs(computeMs - bestMs) <= agreement * bestMs;
    bestMs = Math.min(bestMs, computeMs);
    if (isAgreed || computeMs > options.budgetMs / repetitions) break;
  }
  return bestMs;
}
