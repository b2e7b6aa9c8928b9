import type { Tensor } from '../core/tensor.js';

const bits = new DataView(new ArrayBuffer(8));

/** The binary16 pattern nearest to `value`, ties to even; values from 65520 on are infinite. */
export function numberToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, exponentOf(magnitude));
  const steps = roundToEven(magnitude * 2 ** (10 - exponent));
  // A carry out of the fraction lands in the exponent, as it should.
  return sign | (((exponent + 14) << 10) + steps);
}

/** The bfloat16 pattern nearest to `value`, ties to even. */
export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 255.5 * 2 ** 120) return sign | 0x7f80;
  const exponent = Math.max(-126, exponentOf(magnitude));
  const steps = roundToEven(magnitude * 2 ** (7 - exponent));
  return sign | (((exponent + 126) << 7) + steps);
}

/** Floor of the binary logarithm; below the smallest normal double, something below -1022. */
function exponentOf(magnitude: number): number {
  bits.setFloat64(0, magnitude);
  return (bits.getUint16(0) >> 4) - 1023;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** A BF16 tensor as one of FP32 with the same values. */
export function widenBfloat16({ shape, data }: Tensor): Tensor {
  const patterns = data as Uint16Array;
  const widened = new Uint32Array(patterns.length);
  for (let index = 0; index < patterns.length; index++) widened[index] = (patterns[index] as number) << 16;
  return { dataType: 'FP32', shape, data: new Float32Array(widened.buffer) };
}
