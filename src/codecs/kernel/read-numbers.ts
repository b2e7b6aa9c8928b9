import { elementBytes } from '../../core/data-type.js';
import { type NumericData, viewOf } from '../../core/tensor.js';
import { type KernelType, kernel, kernelTypes } from './kernel.js';
import { type KernelText, textWindow } from './text-window.js';

/** Copying this many elements one by one is faster than setting up a view. */
const fewElements = 48;

/** Any of the typed arrays, the source always of the same type as the destination; BigInts pass like numbers. */
type Elements = Float64Array;

/** The kernel's output as elements, by its numbers for the types. */
const kernelOutput = (Object.keys(kernelTypes) as KernelType[]).map(
  (type) => viewOf(type, kernel.buffer, kernel.output, kernel.outputSize / elementBytes[type]) as Elements,
);

/**
 * Reads numbers that are separated by commas from index `at` of the text on, into the elements of `data` from `first`
 * on. Returns how many: none where the first is not of the type, or not for the kernel to decide.
 */
export function readNumbers(
  text: KernelText,
  at: number,
  dataType: KernelType,
  data: NumericData,
  first: number,
): number {
  const type = kernelTypes[dataType];
  const from = textWindow.show(text, at);
  const count = kernel.read(from, textWindow.endAddress, type);
  const read = kernelOutput[type] as Elements;
  if (count > fewElements) (data as Elements).set(read.subarray(0, count), first);
  else for (let i = 0; i < count; i++) data[first + i] = read[i] as number;
  return count;
}

/** The index in the text at which the last `readNumbers` stopped: where the next number, or what else comes, starts. */
export const readStop = (): number => textWindow.indexOf(kernel.secondResult());
