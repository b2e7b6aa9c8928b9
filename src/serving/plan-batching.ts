import type { Batching } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { Dimension, ModelSignature } from '../core/tensor-spec.js';

/** Rows in one run, at most, where nothing narrower was set or learned. */
export const largestBatch = 1024;

/**
 * What the declared shapes allow: every input and output must have axis 0, free in all of them or of one size in
 * all of them. That the rows do not influence each other is for a trial to show.
 */
export function plannedBatching(signature: ModelSignature, config: ModelConfig): Batching {
  if (config.batching === 'off') return none('batching is off in its model.json');
  const inputs = signature.inputs.filter((spec) => spec.optional !== true);
  if (inputs.length === 0) return none('it has no input');
  const axes = [...inputs, ...signature.outputs].map((spec) => ({ name: spec.name, first: spec.shape?.[0], spec }));
  const maxBatchSize = Math.min(config.maxBatchSize ?? largestBatch, config.allowedBatchSizes?.at(-1) ?? largestBatch);
  if (config.batching === 'on')
    return forced(
      axes.map(({ first }) => first),
      maxBatchSize,
    );

  const scalar = axes.find(({ spec }) => spec.shape?.length === 0);
  if (scalar !== undefined) return none(`"${scalar.name}" is a scalar, without a batch axis`);
  const fixed = axes.filter(({ first }) => typeof first === 'number');
  const free = axes.filter(({ first }) => typeof first !== 'number');
  if (fixed.length === 0) return { kind: 'dynamic', maxBatchSize };
  const rows = fixed[0]?.first as number;
  const inputsFixed = inputs.every((spec) => typeof spec.shape?.[0] === 'number');
  if (inputsFixed && rows > 0 && fixed.every(({ first }) => first === rows)) return { kind: 'fixed', rows };
  if (free.length > 0) {
    return none(`axis 0 of "${fixed[0]?.name}" is always ${rows} while that of "${free[0]?.name}" is free`);
  }
  return none('axis 0 differs between its inputs and outputs');
}

function forced(firstSizes: readonly (Dimension | undefined)[], maxBatchSize: number): Batching {
  const fixed = firstSizes.find((size) => typeof size === 'number' && size > 0);
  return typeof fixed === 'number' ? { kind: 'fixed', rows: fixed } : { kind: 'dynamic', maxBatchSize };
}

export const none = (reason: string): Batching => ({ kind: 'none', reason });
