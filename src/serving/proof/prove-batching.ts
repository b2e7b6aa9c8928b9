import type { Batching } from '../../core/model.js';
import type { RowFacts } from '../../core/model-source.js';
import { candidateAxes, type InputAxes } from './candidate-axes.js';
import { plannedAxes, type TrialOptions } from './first-run.js';
import { none, withAxes } from './plan-batching.js';
import { proveRows } from './prove-rows.js';
import { isRunFailure } from './row-runs.js';
import type { SampleRecipe } from './sample-shapes.js';

export interface ProofOptions extends TrialOptions {
  readonly recipe: SampleRecipe;
  readonly rowFacts: RowFacts;
  /** Learns what runs of up to so many rows cost; gives the largest size that is worth it. */
  readonly measure: (batching: Batching) => Promise<number>;
}

/** Batches only what made-up rows show to be safe: a run must give for each row what the row gives alone. */
export async function proveBatching(options: ProofOptions): Promise<Batching> {
  const { planned, signature } = options;
  if (planned.kind === 'none' || (planned.kind === 'fixed' && planned.rows === 1)) {
    await options.measure(planned);
    return planned;
  }
  const failures: Batching[] = [];
  const candidates =
    planned.kind === 'fixed' ? [plannedAxes(planned, signature) as InputAxes] : candidateAxes(signature);
  for (const inputs of candidates) {
    const shown = await proveAlong(options, planned, inputs);
    if (shown.kind !== 'none') return shown;
    failures.push(shown);
  }
  await options.measure(none(''));
  const [first] = failures as [Batching & { kind: 'none' }];
  const axes = failures.find((failure) => failure.axes !== undefined)?.axes;
  return { kind: 'none', reason: first.reason, ...(axes !== undefined && { axes }) };
}

async function proveAlong(
  options: ProofOptions,
  planned: Exclude<Batching, { kind: 'none' }>,
  inputs: InputAxes,
): Promise<Batching> {
  const { signature, measure, rowFacts } = options;
  // What the graph tells is about rows along axis 0 alone.
  const isAlongFirst = [...inputs.values()].every((axis) => axis === 0);
  const proof = await proveRows({
    ...options,
    axes: inputs,
    constants: rowFacts.constants,
    rowwise: isAlongFirst ? rowFacts.rowwise : new Set(),
    mostRows: planned.kind === 'fixed' ? planned.rows : planned.maxBatchSize,
    ...(planned.kind === 'fixed' && { fixedRows: planned.rows }),
  });
  const { problem, outputs } = proof;
  const unshared = (reason: string): Batching => ({
    kind: 'none',
    reason,
    ...(outputs !== undefined && { axes: { inputs, outputs } }),
  });
  if (problem !== undefined) return unshared(problem);
  const axes = withAxes(signature, inputs, outputs);
  if (planned.kind === 'fixed') {
    await measure(planned);
    return { kind: 'fixed', rows: planned.rows, ...axes };
  }
  const worthwhile = await measure({ kind: 'dynamic', maxBatchSize: proof.mostRows, ...axes });
  const largest = await provenSize(proof.compareAt, Math.min(proof.mostRows, Math.max(16, worthwhile)));
  if (typeof largest === 'string') return unshared(largest);
  return { kind: 'dynamic', maxBatchSize: largest, ...axes };
}

/** Compares ever larger runs, up to `most` rows. Gives the largest that the model took, or a problem. */
async function provenSize(
  compareAt: (rows: number) => Promise<string | undefined>,
  most: number,
): Promise<number | string> {
  const sizes = [16, 64, 256].filter((size) => size < most);
  let proven = 1;
  for (const rows of [...sizes, most]) {
    try {
      const problem = await compareAt(rows);
      if (problem !== undefined) return problem;
    } catch (error) {
      if (!isRunFailure(error)) throw error;
      return proven;
    }
    proven = rows;
  }
  return proven;
}
