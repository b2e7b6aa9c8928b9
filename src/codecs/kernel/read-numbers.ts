import type { NumericData } from '../../core/tensor.js';
import { asElements, copyElements, type Elements, elementViews } from './element-views.js';
import { type KernelType, kernel, kernelTypes } from './kernel.js';
import { type KernelText, textWindow } from './text-window.js';

/** An array being filled. */
export interface NumbersDestination {
  readonly dataType: KernelType;
  readonly data: NumericData;
  /** Index of the element that is filled next. */
  next: number;
}

const comma = 0x2c;
const output = elementViews(kernel.output, kernel.outputSize);

/**
 * Reads numbers that are separated by commas from index `at` of the text on. Returns how many: none where the first is
 * not of the type, or not for the kernel to decide.
 */
export function readNumbers(text: KernelText, at: number, into: NumbersDestination): number {
  const type = kernelTypes[into.dataType];
  const from = textWindow.show(text, at);
  const count = kernel.read(from, textWindow.endAddress, type);
  copyElements(output[type] as Elements, 0, count, asElements(into.data), into.next);
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
  asElements(into.data)[into.next++] = (output[type] as Elements)[0] as number;
  return true;
}
