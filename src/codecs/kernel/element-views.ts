import { elementBytes } from '../../core/data-type.js';
import { type NumericData, viewOf } from '../../core/tensor.js';
import { type KernelType, kernel, kernelTypes } from './kernel.js';

/** Any of the typed arrays, two that are copied between always of the same type; BigInts pass like numbers. */
export type Elements = Float64Array;

export const asElements = (data: NumericData): Elements => data as Elements;

/** `size` bytes of the kernel's memory from `address` on, as elements, by the kernel's numbers for the types. */
export const elementViews = (address: number, size: number): readonly Elements[] =>
  (Object.keys(kernelTypes) as KernelType[]).map((type) =>
    asElements(viewOf(type, kernel.buffer, address, size / elementBytes[type])),
  );

/** Up to this many elements are copied one by one faster than by setting up a view. */
const fewElements = 48;

/**
 * Copies `count` elements between two arrays of the same type. A loop for each of the usual types: one that sees
 * several types in its life is several times slower for all of them.
 */
export function copyElements(from: Elements, fromIndex: number, count: number, into: Elements, index: number): void {
  if (count > fewElements) into.set(from.subarray(fromIndex, fromIndex + count), index);
  else if (from instanceof Float32Array) {
    const [source, target] = [from as Float32Array, into as unknown as Float32Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as number;
  } else if (from instanceof BigInt64Array) {
    const [source, target] = [from as BigInt64Array, into as unknown as BigInt64Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as bigint;
  } else if (from instanceof Int32Array) {
    const [source, target] = [from as Int32Array, into as unknown as Int32Array];
    for (let i = 0; i < count; i++) target[index + i] = source[fromIndex + i] as number;
  } else for (let i = 0; i < count; i++) into[index + i] = from[fromIndex + i] as number;
}
