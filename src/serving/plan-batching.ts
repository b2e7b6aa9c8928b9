import type { Batching } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { Dimension, ModelSignature, TensorSpec } from '../core/tensor-spec.js';

/** Rows in one run, at most, where nothing narrower was set or learned. */
export const largestBatch = 1024;

/**
 * What the inputs' declared shapes allow: every one has axis 0, free in all of them or of one size in all of them.
 * What outputs declare is not asked: converters get it wrong, and a trial shows whether they keep the axis and whether
 * rows influence each other.
 */
export function plannedBatching(signature: ModelSignature, config: ModelConfig): Batching {
  if (config.batching === 'off') return none('batching is off in its model.json');
  const inputs = signature.inputs.filter((spec) => spec.optional !== true);
  if (inputs.length === 0) return none('it has no input');
  const sizes = inputs.map((spec) => (spec.shape === null ? null : spec.shape[0]));
  const maxBatchSize = Math.min(config.maxBatchSize ?? largestBatch, config.allowedBatchSizes?.at(-1) ?? largestBatch);
  const fixed = sizes.find((size) => typeof size === 'number' && size > 0);
  if (config.batching === 'on') {
    return typeof fixed === 'number' ? { kind: 'fixed', rows: fixed } : { kind: 'dynamic', maxBatchSize };
  }
  const scalar = sizes.indexOf(undefined);
  if (scalar !== -1) return none(`input "${inputs[scalar]?.name}" is a scalar, without a batch axis`);
  if (sizes.every((size) => typeof size !== 'number')) return { kind: 'dynamic', maxBatchSize };
  if (typeof fixed === 'number' && sizes.every((size) => size === fixed)) return { kind: 'fixed', rows: fixed };
  return none(differingSizes(inputs, sizes));
}

/** Names an input with a fixed size and one with another or none. */
function differingSizes(inputs: readonly TensorSpec[], sizes: readonly (Dimension | undefined)[]): string {
  const at = sizes.findIndex((size) => typeof size === 'number');
  const other = sizes.findIndex((size) => size !== sizes[at]);
  const otherSize = typeof sizes[other] === 'number' ? sizes[other] : 'free';
  return `the first axis of input "${inputs[at]?.name}" is ${sizes[at]}, that of "${inputs[other]?.name}" is ${otherSize}`;
}

export const none = (reason: string): Batching => ({ kind: 'none', reason });
