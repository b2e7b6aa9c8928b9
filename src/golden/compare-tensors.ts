import type { DataType } from '../core/data-type.js';
import { bfloat16ToNumber, halfToNumber } from '../core/half-values.js';
import { shownValue } from '../core/short-text.js';
import type { Tensor } from '../core/tensor.js';
import { isWithin, type Tolerances, withinText } from './tolerance.js';

/** Where two tensors differ first, in words; undefined where they are the same within the tolerance. */
export function tensorDifference(got: Tensor, expected: Tensor, tolerances: Tolerances): string | undefined {
  const { dataType, shape } = expected;
  // What the model file has in half precision may be carried in single.
  if (got.dataType !== dataType && !(floats.has(got.dataType) && floats.has(dataType))) {
    return `expected ${dataType}, got ${got.dataType}`;
  }
  if (shape.join() !== got.shape.join()) return `expected the shape [${shape}], got [${got.shape}]`;
  const tolerance = floats.has(dataType) ? tolerances.floats : tolerances.integers;
  const [gotNumber, expectedNumber] = [floats.get(got.dataType), floats.get(dataType)];
  for (let index = 0; index < expected.data.length; index++) {
    const [a, b] = [elementValue(got.data[index]!, gotNumber), elementValue(expected.data[index]!, expectedNumber)];
    if (a === b || (typeof b !== 'string' && isWithin(a as number | bigint, b, tolerance))) continue;
    const within = typeof b === 'string' ? '' : withinText(Number(b), tolerance);
    return `at [${placeOf(index, shape)}]: expected ${shownValue(b)}${within}, got ${shownValue(a)}`;
  }
  return undefined;
}

type Element = number | bigint | string;

/** How an element of each type is read; half floats are bit patterns. */
const floats: ReadonlyMap<DataType, (pattern: number) => number> = new Map([
  ['FP16', halfToNumber],
  ['BF16', bfloat16ToNumber],
  ['FP32', Number],
  ['FP64', Number],
]);

const elementValue = (element: Element, toNumber: ((pattern: number) => number) | undefined): Element =>
  toNumber === undefined ? element : toNumber(element as number);

/** The position of an element along each axis. */
function placeOf(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    place.unshift(rest % size);
    rest = Math.trunc(rest / size);
  }
  return place.join(', ');
}
