import type { Batch } from '../core/inference-engine.js';
import { dataBytes, isStrings, type TensorData } from '../core/tensor.js';

const largestProbeBytes = 1024 * 1024;

/**
 * A batch that is known to work, kept as a copy: a restarted instance computes it before it gets work again, which
 * tells a broken model from a poisonous request and leaves the first caller a warm engine. Undefined when too large.
 */
export function probeBatch(batch: Batch): Batch | undefined {
  const parts = batch.inputs.flatMap((input) => input.parts);
  if (parts.reduce((bytes, part) => bytes + dataBytes(part), 0) > largestProbeBytes) return undefined;
  return {
    outputs: [...batch.outputs],
    inputs: batch.inputs.map((input) => ({ ...input, shape: [...input.shape], parts: input.parts.map(copyOf) })),
  };
}

const copyOf = (data: TensorData): TensorData => (isStrings(data) ? [...data] : data.slice());
