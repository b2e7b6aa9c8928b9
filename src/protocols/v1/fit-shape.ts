import { elementCount, type Tensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';

/**
 * Nested JSON cannot say everything about a shape. Two things are unmistakable and are put right here: one value
 * a row for a column of width 1 (`42` where `[42]` is meant), and no rows at all, whose width nobody can see.
 */
export function fitShape(tensor: Tensor, { shape }: TensorSpec): Tensor {
  if (shape === null || tensor.shape.length >= shape.length || tensor.shape.length === 0) return tensor;
  const absent = shape.slice(tensor.shape.length);
  if (absent.length === 1 && absent[0] === 1) return { ...tensor, shape: [...tensor.shape, 1] };
  const isEmpty = tensor.shape.length === 1 && elementCount(tensor.shape) === 0;
  const isKnown = absent.every((size): size is number => typeof size === 'number');
  return isEmpty && isKnown ? { ...tensor, shape: [0, ...absent] } : tensor;
}
