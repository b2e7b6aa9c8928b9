import type { DataType } from '../../core/data-type.js';
import { floatValues } from '../../core/half-values.js';
import { allocate, elementCount, isStrings, type NamedTensor, type TensorData } from '../../core/tensor.js';

/** What one output says about one row, of large ones a part: enough to compare it with another. */
export interface RowOutput {
  readonly dataType: DataType;
  /** Without the axis along which rows lie. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Elements of a row's answer that are compared; of more, every second, third, … is. */
const mostElements = 1 << 16;

/** The row's part of an output whose rows lie along `axis`; the whole output where all rows share it. */
export function rowOutput({ dataType, shape, data }: NamedTensor, axis: number | undefined, row: number): RowOutput {
  const [rows, inner, own] =
    axis === undefined ? [1, data.length, 0] : [shape[axis] as number, elementCount(shape.slice(axis + 1)), row];
  const count = rows === 0 ? 0 : data.length / rows;
  // Odd, so that no power of two hides what lies between.
  const step = Math.ceil(count / mostElements) | 1;
  const part = allocate(dataType, Math.ceil(count / step)) as unknown[];
  for (let at = 0, element = 0; element < count; at++, element += step) {
    const block = Math.floor(element / inner);
    part[at] = data[(block * rows + own) * inner + (element - block * inner)];
  }
  return {
    dataType,
    shape: axis === undefined ? shape : shape.toSpliced(axis, 1),
    data: part as unknown as TensorData,
  };
}

interface Tolerance {
  /** Of the value. */
  readonly relative: number;
  /** Of the largest value in the row's answer: sums of large terms that nearly cancel. */
  readonly ofRow: number;
  /** Of how far the row's answer is from another row's: what is smaller does not matter for what the model tells. */
  readonly ofSpread: number;
}

/** What runs of different size may change by rounding; every other type must agree exactly. */
const tolerances: Partial<Record<DataType, Tolerance>> = {
  FP32: { relative: 3e-6, ofRow: 1e-6, ofSpread: 1e-4 },
  FP64: { relative: 1e-9, ofRow: 1e-9, ofSpread: 1e-6 },
  FP16: { relative: 4e-3, ofRow: 2e-3, ofSpread: 5e-3 },
  BF16: { relative: 3e-2, ofRow: 2e-2, ofSpread: 2e-2 },
};

/** RowOutputs to a row whose inputs were moved by rounding may change them so many times as much as other rounding does. */
const timesSway = 4;

/**
 * Whether two answers about the same row agree. `other`: an answer about another row, which says how answers spread.
 * `swayed`: answers to the row with inputs moved by rounding; what they change, rounding may change.
 */
export function agrees(a: RowOutput, b: RowOutput, other: RowOutput, swayed: readonly RowOutput[] = []): boolean {
  if (a.dataType !== b.dataType || a.shape.join() !== b.shape.join()) return false;
  const tolerance = tolerances[a.dataType];
  if (tolerance === undefined || isStrings(a.data)) {
    const isOpen = (at: number): boolean => swayed.some(({ data }) => data[at] !== a.data[at]);
    return a.data.every((value, at) => value === b.data[at] || isOpen(at));
  }
  const [left, right] = [floatsOf(a), floatsOf(b)];
  const sway = Math.max(0, ...swayed.map((answer) => distance(left, floatsOf(answer))));
  const absolute =
    tolerance.ofRow * largest(left) + tolerance.ofSpread * distance(left, floatsOf(other)) + timesSway * sway;
  return left.every((value, at) => isClose(value, right[at] as number, absolute, tolerance.relative));
}

/** Whether the answers differ, by numbers, by more than rounding. */
export function areDistinct(a: RowOutput, b: RowOutput): boolean {
  if (a.shape.join() !== b.shape.join()) return true;
  const tolerance = tolerances[a.dataType];
  if (tolerance === undefined || isStrings(a.data)) return a.data.some((value, at) => value !== b.data[at]);
  const [left, right] = [floatsOf(a), floatsOf(b)];
  const absolute = tolerance.ofRow * largest(left);
  return left.some((value, at) => {
    const against = right[at] as number;
    if (Number.isNaN(value) || Number.isNaN(against)) return false;
    return !isClose(value, against, absolute, tolerance.relative);
  });
}

/** What is infinite is close to itself alone. */
const isClose = (a: number, b: number, absolute: number, relative: number): boolean =>
  Object.is(a, b) || a === b || (Number.isFinite(b) && Math.abs(a - b) <= absolute + relative * Math.abs(b));

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at] as number);
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return 0;
  let most = 0;
  for (let at = 0; at < a.length; at++) {
    const size = Math.abs((a[at] as number) - (b[at] as number));
    if (size > most && size < Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

const floatsOf = (output: RowOutput) => floatValues(output) as Float32Array | Float64Array;
