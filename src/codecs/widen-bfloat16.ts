import type { Tensor } from '../core/tensor.js';

/** A BF16 tensor as one of FP32 with the same values. */
export function widenBfloat16({ shape, data }: Tensor): Tensor {
  const patterns = data as Uint16Array;
  const widened = new Uint32Array(patterns.length);
  for (let index = 0; index < patterns.length; index++) widened[index] = (patterns[index] as number) << 16;
  return { dataType: 'FP32', shape, data: new Float32Array(widened.buffer) };
}
