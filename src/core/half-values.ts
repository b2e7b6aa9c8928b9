import type { Tensor } from './tensor.js';

const bits = new DataView(new ArrayBuffer(4));

/** Value of an IEEE 754 binary16 pattern. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** Value of a bfloat16 pattern: the upper half of a binary32. */
export function bfloat16ToNumber(bfloat16: number): number {
  bits.setUint32(0, bfloat16 << 16);
  return bits.getFloat32(0);
}

/** The values of a tensor of floating-point numbers, whatever their size; undefined of any other. */
export function floatValues({
  dataType,
  data,
}: Pick<Tensor, 'dataType' | 'data'>): Float32Array | Float64Array | undefined {
  if (dataType === 'FP32' || dataType === 'FP64') return data as Float32Array | Float64Array;
  if (dataType === 'FP16') return Float32Array.from(data as Uint16Array, halfToNumber);
  return dataType === 'BF16' ? Float32Array.from(data as Uint16Array, bfloat16ToNumber) : undefined;
}
