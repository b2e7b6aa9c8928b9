import type { DataType } from '../../src/core/data-type.js';
import { defaultModelConfig } from '../../src/core/model-config.js';
import type { Dimension, ModelSignature, TensorSpec } from '../../src/core/tensor-spec.js';

export const spec = (
  name: string,
  shape: readonly Dimension[] | null,
  dataType: DataType = 'FP32',
  rest: Partial<TensorSpec> = {},
): TensorSpec => ({ name, dataType, shape, ...rest });

export const signature = (inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): ModelSignature => ({
  inputs,
  outputs,
});

/** `x: FP32[batch, 4]` to `y: FP32[batch, 3]`. */
export const classifier = signature([spec('x', ['batch', 4])], [spec('y', ['batch', 3])]);

export const config = defaultModelConfig;
