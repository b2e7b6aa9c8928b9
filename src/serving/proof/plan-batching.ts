import type { BatchAxes, Batching } from '../../core/model.js';
import type { ModelConfig } from '../../core/model-config.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import {
  candidateAxes,
  declaredOutputAxes,
  type InputAxes,
  isAlongFirstAxis,
  requiredInputs,
} from './candidate-axes.js';

/** Rows in one run, at most, where nothing narrower was set or learned. */
export const largestBatch = 1024;

/** A first axis of a larger fixed size is no batch that callers fill together. */
const mostFixedRows = 65_536;

/**
 * What the inputs' declared shapes allow: a free axis along which rows may lie, or a first axis of one size in all
 * inputs. What outputs declare is not asked: converters get it wrong, and a trial shows whether they keep the axis and
 * whether rows influence each other.
 */
export function plannedBatching(signature: ModelSignature, config: ModelConfig): Batching {
  if (config.batching === 'off') return withoutSharing(signature, 'its settings turn batching off');
  const inputs = requiredInputs(signature);
  if (inputs.length === 0) return none('it has no input');
  const maxBatchSize = largestAllowed(config);
  const [axes] = candidateAxes(signature);
  if (axes !== undefined) return { kind: 'dynamic', maxBatchSize, ...withAxes(signature, axes) };
  const withRows = inputs.filter(({ shape }) => shape?.length !== 0);
  const [first] = withRows;
  if (first === undefined) {
    if (config.batching === 'on') return { kind: 'dynamic', maxBatchSize };
    return none(`input "${inputs[0]?.name}" is a scalar, without a batch axis`);
  }
  const rows = first.shape?.[0] as number;
  const other = withRows.find(({ shape }) => shape?.[0] !== rows);
  if (other !== undefined && config.batching !== 'on') return none(differingSizes(first, other));
  if (rows > mostFixedRows && config.batching !== 'on') {
    return none(`the first axis of input "${first.name}" is ${rows}: too many rows to be filled up for a request`);
  }
  if (rows === 0) return none(`the first axis of input "${first.name}" is 0`);
  return { kind: 'fixed', rows, ...withAxes(signature, new Map(withRows.map(({ name }) => [name, 0]))) };
}

/** Rows in one run, at most, as the operator allows. */
export const largestAllowed = (config: ModelConfig): number =>
  Math.min(config.maxBatchSize ?? largestBatch, config.allowedBatchSizes?.at(-1) ?? largestBatch);

/** Left out where rows lie along axis 0 throughout: nothing said means that. */
export function withAxes(
  signature: ModelSignature,
  inputs: InputAxes,
  outputs = declaredOutputAxes(signature),
): { axes?: BatchAxes } {
  const axes = { inputs, outputs };
  return isAlongFirstAxis(axes, signature) ? {} : { axes };
}

const differingSizes = (a: TensorSpec, b: TensorSpec): string =>
  `the first axis of input "${a.name}" is ${a.shape?.[0]}, that of "${b.name}" is ${b.shape?.[0]}`;

export const none = (reason: string): Batching => ({ kind: 'none', reason });

/** Requests run one at a time; how the rows of each lie is known all the same. */
function withoutSharing(signature: ModelSignature, reason: string): Batching {
  const [inputs] = candidateAxes(signature);
  return inputs === undefined
    ? none(reason)
    : { ...none(reason), axes: { inputs, outputs: declaredOutputAxes(signature) } };
}
