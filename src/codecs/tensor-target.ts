import type { DataType } from '../core/data-type.js';
import { invalidArgument } from '../core/serving-error.js';

export interface TensorTarget {
  /** Opens every message: `input "x"`. */
  readonly subject: string;
  readonly dataType: DataType;
}

export interface ShapedTarget extends TensorTarget {
  readonly shape: readonly number[];
}

/** Product of the sizes, which must be whole and not negative. */
export function expectedElements({ subject, shape }: ShapedTarget): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw invalidArgument(`${subject}: shape [${shape.join(', ')}] holds ${size}; sizes are whole numbers from 0 on`);
    }
    count *= size;
  }
  return count;
}
