import { axisOf } from '../core/batch-axes.js';
import type { Batch, BatchInput } from '../core/inference-engine.js';
import type { BatchAxes } from '../core/model.js';
import { encodeStrings, isPacked, readStrings } from '../core/packed-strings.js';
import { ServingError } from '../core/serving-error.js';
import {
  allocate,
  dataBytes,
  isStrings,
  type NamedTensor,
  plainData,
  sliceData,
  type TensorData,
} from '../core/tensor.js';
import { isContiguous, laidAlong } from '../core/tensor-axis.js';

/** Rows `firstRow` to `firstRow + rows` of a request's inputs. */
export interface RowRange {
  readonly inputs: readonly NamedTensor[];
  readonly firstRow: number;
  readonly rows: number;
}

/** The axis along which the rows of each tensor lie; absent: axis 0 of all of them. */
type Axes = BatchAxes[keyof BatchAxes];

/**
 * Lays the ranges end to end along the batch axis, padded to `paddedRows` with repetitions of the last row (a value the
 * model is known to take). All ranges have the same inputs in the same order, alike but for the batch axis. What has no
 * batch axis is the same in all of them, and goes once. Only rows that do not lie one behind the other are copied.
 */
export function merge(ranges: readonly RowRange[], outputs: readonly string[], paddedRows: number, axes?: Axes): Batch {
  const first = ranges[0] as RowRange;
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  requirePaddingBudget(first, paddedRows - rows, axes);
  const inputs = first.inputs.map((input, index): BatchInput => {
    const axis = axisOf(axes, input.name);
    if (axis === undefined)
      return { name: input.name, dataType: input.dataType, shape: input.shape, parts: [input.data] };
    const parts = isContiguous(input, axis)
      ? endToEnd(ranges, index, { axis, padding: paddedRows - rows })
      : [sideBySide(ranges, index, { axis, padding: paddedRows - rows })];
    return { name: input.name, dataType: input.dataType, shape: input.shape.with(axis, paddedRows), parts };
  });
  return { inputs, outputs };
}

/** What a run is filled up with costs a request no more than this, whatever sizes a file or its settings ask for. */
const largestPaddingBytes = 256 * 2 ** 20;

function requirePaddingBudget({ inputs }: RowRange, padding: number, axes: Axes | undefined): void {
  if (padding <= 0) return;
  const rowBytes = inputs.reduce((sum, { name, data, shape }) => {
    const axis = axisOf(axes, name);
    return axis === undefined ? sum : sum + dataBytes(data) / Math.max(1, shape[axis] as number);
  }, 0);
  if (padding * rowBytes <= largestPaddingBytes) return;
  throw new ServingError(
    'RESOURCE_EXHAUSTED',
    `the run would have to be filled up with ${padding} rows, ${Math.ceil((padding * rowBytes) / 2 ** 20)} MiB; send more rows at once`,
  );
}

interface Layout {
  readonly axis: number;
  /** How often the last row is repeated. */
  readonly padding: number;
}

function endToEnd(ranges: readonly RowRange[], index: number, { axis, padding }: Layout): TensorData[] {
  const parts: TensorData[] = [];
  for (const range of ranges) parts.push(rowsOf(range.inputs[index] as NamedTensor, range.firstRow, range.rows, axis));
  if (padding > 0) {
    const last = ranges.at(-1) as RowRange;
    const tensor = last.inputs[index] as NamedTensor;
    parts.push(repeat(tensor, rowsOf(tensor, last.firstRow + last.rows - 1, 1, axis), padding));
  }
  return parts;
}

function sideBySide(ranges: readonly RowRange[], index: number, { axis, padding }: Layout): TensorData {
  const parts = ranges.map(({ inputs, firstRow, rows }) => ({ tensor: inputs[index] as NamedTensor, firstRow, rows }));
  const last = ranges.at(-1) as RowRange;
  const lastRow = { tensor: last.inputs[index] as NamedTensor, firstRow: last.firstRow + last.rows - 1, rows: 1 };
  return laidAlong(axis, [...parts, ...new Array<typeof lastRow>(padding).fill(lastRow)]);
}

/** Shares the tensor's memory where the rows lie one behind the other. */
export function rowsOf(tensor: NamedTensor, firstRow: number, rows: number, axis = 0): TensorData {
  const total = tensor.shape[axis] as number;
  if (firstRow === 0 && rows === total) return tensor.data;
  if (!isContiguous(tensor, axis)) return laidAlong(axis, [{ tensor, firstRow, rows }]);
  const width = tensor.data.length / total;
  return sliceData(tensor.data, firstRow * width, (firstRow + rows) * width);
}

function repeat(tensor: NamedTensor, lastRow: TensorData, times: number): TensorData {
  const row = plainData(lastRow);
  const padding = allocate(tensor.dataType, row.length * times);
  for (let index = 0; index < padding.length; index++) {
    (padding as unknown[])[index] = row[index % row.length];
  }
  return padding;
}

/**
 * Rows `firstRow` to `firstRow + rows` of every tensor, sharing its memory where they lie one behind the other. A tensor
 * without a batch axis is the same for all rows.
 */
export function splitRows(outputs: readonly NamedTensor[], firstRow: number, rows: number, axes?: Axes): NamedTensor[] {
  return outputs.map((tensor) => {
    const axis = axisOf(axes, tensor.name);
    if (axis === undefined || (tensor.shape[axis] === rows && firstRow === 0)) return tensor;
    return {
      name: tensor.name,
      dataType: tensor.dataType,
      shape: tensor.shape.with(axis, rows),
      data: rowsOf(tensor, firstRow, rows, axis),
    };
  });
}

/**
 * Joins the outputs of consecutive row ranges of one request along the batch axis. Undefined where their rows differ in
 * shape, or have no such axis.
 */
export function joinRows(ranges: readonly (readonly NamedTensor[])[], axes?: Axes): NamedTensor[] | undefined {
  const first = ranges[0] as readonly NamedTensor[];
  if (ranges.length === 1) return [...first];
  const joined: NamedTensor[] = [];
  for (const [index, { name, dataType, shape }] of first.entries()) {
    const axis = axisOf(axes, name);
    if (axis === undefined) return undefined;
    const parts = ranges.map((range) => range[index] as NamedTensor);
    const rowShape = shape.toSpliced(axis, 1).join();
    if (parts.some((part) => part.shape.toSpliced(axis, 1).join() !== rowShape)) return undefined;
    const rows = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
    const data =
      axis === 0
        ? concatenate(parts)
        : laidAlong(
            axis,
            parts.map((part) => wholeOf(part, axis)),
          );
    joined.push({ name, dataType, shape: shape.with(axis, rows), data });
  }
  return joined;
}

const wholeOf = (tensor: NamedTensor, axis: number) => ({ tensor, firstRow: 0, rows: tensor.shape[axis] as number });

function concatenate(parts: readonly NamedTensor[]): TensorData {
  const first = parts[0] as NamedTensor;
  if (isStrings(first.data)) {
    const strings = parts.map(({ data }) => data as readonly string[]);
    const count = strings.reduce((sum, { length }) => sum + length, 0);
    return strings.some(isPacked) ? readStrings(encodeStrings(strings), count) : strings.flat();
  }
  const whole = allocate(
    first.dataType,
    parts.reduce((sum, part) => sum + part.data.length, 0),
  ) as Uint8Array;
  let offset = 0;
  for (const part of parts) {
    whole.set(part.data as Uint8Array, offset);
    offset += part.data.length;
  }
  return whole;
}

/** What it takes to copy an element whose neighbours belong to other rows: measured where it is slowest. */
const msPerElement = 20e-6;
/** A row's own run must take so many times what laying it beside others takes. */
const worthCopying = 2;

/**
 * Whether a request's rows are better laid beside others' than run alone. Rows that lie one behind the other cost nothing;
 * others are copied, which for a model that does next to nothing with each element takes longer than its run.
 * `runMs`: what a run of one row takes; 0 where that is not known.
 */
export function isCheapToShare(
  inputs: readonly NamedTensor[],
  rows: number,
  { axes, runMs }: { readonly axes: BatchAxes; readonly runMs: number },
): boolean {
  if (runMs === 0) return true;
  let copied = 0;
  for (const input of inputs) {
    const axis = axisOf(axes.inputs, input.name);
    if (axis !== undefined && !isContiguous(input, axis)) copied += input.data.length;
  }
  return (copied / rows) * msPerElement * worthCopying <= runMs;
}
