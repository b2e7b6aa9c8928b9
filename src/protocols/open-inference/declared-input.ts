import { widenBfloat16 } from '../../codecs/half-float.js';
import type { DataType } from '../../core/data-type.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { Tensor } from '../../core/tensor.js';
import { formatSpec, type TensorSpec } from '../../core/tensor-spec.js';

/** The type that an input was sent in: its own, or the one in the model file. `shown`: what came, for the message. */
export function declaredDataType(dataType: unknown, spec: TensorSpec, shown: () => string): DataType {
  const { modelDataType } = spec;
  if (dataType === spec.dataType) return spec.dataType;
  if (modelDataType !== undefined && dataType === modelDataType) return modelDataType;
  const alternative = modelDataType === undefined ? '' : ` or "${modelDataType}"`;
  throw invalidArgument(
    `input "${spec.name}": expected datatype "${spec.dataType}"${alternative} (the input is ${formatSpec(spec)}), got ${shown()}`,
  );
}

/** One element a row may come as the configuration says it with its `reshape`. */
export const declaredShape = (shape: number[], spec: TensorSpec): number[] =>
  spec.shape?.length === 1 && shape.length === 2 && shape[1] === 1 ? shape.slice(0, 1) : shape;

/** As the model takes it. */
export const asDeclared = (tensor: Tensor, spec: TensorSpec): Tensor =>
  tensor.dataType === spec.dataType ? tensor : widenBfloat16(tensor);
