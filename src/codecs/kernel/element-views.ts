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
export const fewElements = 48;
