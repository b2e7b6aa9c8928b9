import { kernel } from './kernel.js';
import { type KernelText, textWindow } from './text-window.js';

const unfinished = 0;
const other = 1;
const blockBytes = 64;

export interface NumericArrayExtent {
  readonly end: number;
  /** How many numbers it holds. */
  readonly count: number;
}

/**
 * Follows the array that starts at `start`. Undefined when it holds anything but numbers in JSON's grammar, separators
 * and arrays of the same, up to `maxDepth` deep, or does not end.
 */
export function scanNumericArray(text: KernelText, start: number, maxDepth: number): NumericArrayExtent | undefined {
  let at = start;
  for (;;) {
    const from = textWindow.show(text, at);
    const isLast = textWindow.end === text.bytes.length;
    const whole = textWindow.endAddress - from;
    const size = isLast ? whole : whole - (whole % blockBytes);
    const result = kernel.scan(from, from + size, maxDepth, at === start);
    if (result > other) return { end: textWindow.indexOf(result), count: kernel.secondResult() };
    if (result !== unfinished || isLast) return undefined;
    at += size;
  }
}
