import type { DataType } from './data-type.js';
import { allocate, elementCount, isStrings, plainData, type Tensor, type TensorData } from './tensor.js';

/** Rows `firstRow` to `firstRow + rows` of a tensor. */
export interface TensorRows {
  readonly tensor: Tensor;
  readonly firstRow: number;
  readonly rows: number;
}

/** Below this many elements a loop is quicker than a view and a copy of it. */
const shortRun = 16;

/** Whether the rows along the axis lie one behind the other in memory. */
export const isContiguous = ({ shape }: Pick<Tensor, 'shape'>, axis: number): boolean =>
  axis === 0 || elementCount(shape.slice(0, axis)) === 1;

/** A copy of the ranges' rows, laid side by side along an axis. They are alike in type, and in shape but for the axis. */
export function laidAlong(axis: number, ranges: readonly TensorRows[]): TensorData {
  const { dataType, shape } = (ranges[0] as TensorRows).tensor;
  const before = elementCount(shape.slice(0, axis));
  const rowLength = elementCount(shape.slice(axis + 1));
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  const whole = allocate(dataType, before * rows * rowLength);
  let at = 0;
  const sources = ranges.map((range) => ({ ...range, data: plainData(range.tensor.data) }));
  for (let block = 0; block < before; block++) {
    for (const { tensor, data, firstRow, rows: count } of sources) {
      const from = (block * (tensor.shape[axis] as number) + firstRow) * rowLength;
      copyRun(data, from, whole, at, count * rowLength);
      at += count * rowLength;
    }
  }
  return whole;
}

/**
 * The tensor with its axis `from` moved to place `to`, and the others in their order: a copy, unless the elements lie
 * alike either way.
 */
export function moveAxis<T extends Tensor>(tensor: T, from: number, to: number): T {
  if (from === to) return tensor;
  const { dataType, shape, data } = tensor;
  const rest = shape.toSpliced(from, 1);
  const moved = rest.toSpliced(to, 0, shape[from] as number);
  const [low, high] = from < to ? [from, to] : [to, from];
  // What lies between the axis's two places is passed over as one block.
  const before = elementCount(shape.slice(0, low));
  const after = elementCount(shape.slice(high + 1));
  const [first, second] =
    from < to
      ? [shape[from] as number, elementCount(shape.slice(from + 1, to + 1))]
      : [elementCount(shape.slice(to, from)), shape[from] as number];
  if (first === 1 || second === 1) return { ...tensor, shape: moved };
  return {
    ...tensor,
    shape: moved,
    data: swapped({ dataType, data: plainData(data) }, { before, first, second, after }),
  };
}

interface Blocks {
  readonly before: number;
  readonly first: number;
  readonly second: number;
  readonly after: number;
}

function swapped(
  { dataType, data }: { readonly dataType: DataType; readonly data: TensorData },
  { before, first, second, after }: Blocks,
): TensorData {
  const whole = allocate(dataType, data.length);
  let at = 0;
  for (let block = 0; block < before; block++) {
    for (let inner = 0; inner < second; inner++) {
      for (let outer = 0; outer < first; outer++, at += after) {
        copyRun(data, ((block * first + outer) * second + inner) * after, whole, at, after);
      }
    }
  }
  return whole;
}

function copyRun(source: TensorData, from: number, target: TensorData, at: number, length: number): void {
  if (length >= shortRun && !isStrings(source)) {
    (target as Uint8Array).set(source.subarray(from, from + length) as Uint8Array, at);
    return;
  }
  for (let index = 0; index < length; index++) (target as unknown[])[at + index] = source[from + index];
}
