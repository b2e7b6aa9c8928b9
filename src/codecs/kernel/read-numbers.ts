import { elementBytes } from '../../core/data-type.js';
import { type NumericData, viewOf } from '../../core/tensor.js';
import { type KernelType, kernel, kernelTypes } from './kernel.js';
import { type KernelText, textWindow } from './text-window.js';

/** An array being filled. */
export interface NumbersDestination {
  readonly dataType: KernelType;
  readonly data: NumericData;
  /** Index of the element that is filled next. */
  next: number;
}

/** Copying this many elements one by one is faster than setting up a view. */
const fewElements = 48;
const comma = 0x2c;

/** Any of the typed arrays, the source always of the same type as the destination; BigInts pass like numbers. */
type Elements = Float64Array;

/** The kernel's output as elements, by its numbers for the types. */
const kernelOutput = (Object.keys(kernelTypes) as KernelType[]).map(
  (type) => viewOf(type, kernel.buffer, kernel.output, kernel.outputSize / elementBytes[type]) as Elements,
);

/**
 * Reads numbers that are separated by commas from index `at` of the text on. Returns how many: none where the first is
 * not of the type, or not for the kernel to decide.
 */
export function readNumbers(text: KernelText, at: number, into: NumbersDestination): number {
  const type = kernelTypes[into.dataType];
  const from = textWindow.show(text, at);
  const count = kernel.read(from, textWindow.endAddress, type);
  const read = kernelOutput[type] as Elements;
  const data = into.data as Elements;
  if (count > fewElements) data.set(read.subarray(0, count), into.next);
  else for (let i = 0; i < count; i++) data[into.next + i] = read[i] as number;
  into.next += count;
  return count;
}

/** The index in the text at which the last `readNumbers` stopped: where the next number, or what else comes, starts. */
export const readStop = (): number => textWindow.indexOf(kernel.secondResult());

/** Reads the single number from `start` to `end`, or returns false for the reasons above. */
export function readNumber(
  bytes: Uint8Array,
  extent: { start: number; end: number },
  into: NumbersDestination,
): boolean {
  const { start, end } = extent;
  const size = end - start;
  const { memory, token, tokenSize } = kernel;
  if (size >= tokenSize) return false;
  for (let i = 0; i < size; i++) memory[token + i] = bytes[start + i] as number;
  memory[token + size] = comma;
  const type = kernelTypes[into.dataType];
  if (kernel.read(token, token + size + 1, type) === 0) return false;
  (into.data as Elements)[into.next++] = (kernelOutput[type] as Elements)[0] as number;
  return true;
}
