import type { ValueType } from '../value-type.js';

export type TensorType = Extract<ValueType, { kind: 'tensor' }>;

/** Whether every size is known, as a sequence of such tensors can be stacked. */
export function isFixed(type: TensorType): type is TensorType & { shape: readonly number[] } {
  return type.shape?.every((size) => typeof size === 'number') ?? false;
}
