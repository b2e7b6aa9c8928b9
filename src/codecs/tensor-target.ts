import type { DataType } from '../core/data-type.js';
import { invalidArgument } from '../core/serving-error.js';
import type { TensorSpec } from '../core/tensor-spec.js';

export interface TensorTarget {
  /** Opens every message: `input "x"`. */
  readonly subject: string;
  readonly dataType: DataType;
  /** Strings of BYTES stand for bytes that are no text, and are kept in base64. */
  readonly content?: TensorSpec['content'];
}

export interface ShapedTarget extends TensorTarget {
  readonly shape: readonly number[];
}

/** As deep as nested arrays may be. */
const maxRank = 64;

/** Product of the sizes, which must be whole and not negative. */
export function expectedElements({ subject, shape }: ShapedTarget): number {
  if (shape.length > maxRank) {
    throw invalidArgument(`${subject}: a shape of ${shape.length} sizes; tensors have ${maxRank} at most`);
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw invalidArgument(`${subject}: shape [${shape.join(', ')}] holds ${size}; sizes are whole numbers from 0 on`);
    }
    count *= size;
  }
  return count;
}
