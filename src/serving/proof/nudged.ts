import type { NamedTensor } from '../../core/tensor.js';

/** A way of moving floats by rounding. */
export type Nudge = 0 | 1;

export const nudges: readonly Nudge[] = [0, 1];

/** Of a value: some units in its last place, as sums of many terms are rounded. */
const relativeMoves = { FP32: 2 ** -21, FP64: 2 ** -50 };

/** The tensor with each float moved up or down by rounding, the same for the same nudge; others as they are. */
export function nudged(tensor: NamedTensor, nudge: Nudge): NamedTensor {
  const { dataType, data } = tensor;
  switch (dataType) {
    case 'FP32':
    case 'FP64': {
      const move = relativeMoves[dataType];
      const moved = (data as Float32Array | Float64Array).slice();
      for (let at = 0; at < moved.length; at++)
        moved[at] = (moved[at] as number) * (isUp(at, nudge) ? 1 + move : 1 - move);
      return { ...tensor, data: moved };
    }
    case 'FP16':
    case 'BF16': {
      const bits = (data as Uint16Array).slice();
      // The neighbour that differs in the last bit only: never beyond what is finite, and zero stays zero.
      for (let at = 0; at < bits.length; at++) {
        const pattern = bits[at] as number;
        const size = pattern & 0x7fff;
        if (isUp(at, nudge) && size > 1 && size < (dataType === 'FP16' ? 0x7c00 : 0x7f80)) bits[at] = pattern ^ 1;
      }
      return { ...tensor, data: bits };
    }
    default:
      return tensor;
  }
}

/** By turns and by chance; the second nudge moves the other way. */
function isUp(at: number, nudge: Nudge): boolean {
  let hash = Math.imul(at + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash >>> 16) & 1) === nudge;
}
