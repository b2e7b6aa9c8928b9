import type { Batch, BatchInput } from '../core/inference-engine.js';
import { allocate, isStrings, type NamedTensor, sliceData, type TensorData } from '../core/tensor.js';

/** Rows `firstRow` to `firstRow + rows` of a request's inputs. */
export interface RowRange {
  readonly inputs: readonly NamedTensor[];
  readonly firstRow: number;
  readonly rows: number;
}

/**
 * Lays the ranges end to end along axis 0 without copying, padded to `paddedRows` with repetitions of the last row
 * (a value the model is known to take). All ranges have the same inputs in the same order, alike but for axis 0.
 */
export function merge(ranges: readonly RowRange[], outputs: readonly string[], paddedRows: number): Batch {
  const first = ranges[0] as RowRange;
  const rows = ranges.reduce((sum, range) => sum + range.rows, 0);
  const inputs = first.inputs.map((input, index): BatchInput => {
    const parts: TensorData[] = [];
    for (const range of ranges) parts.push(rowsOf(range.inputs[index] as NamedTensor, range.firstRow, range.rows));
    if (paddedRows > rows) {
      const last = ranges.at(-1) as RowRange;
      const tensor = last.inputs[index] as NamedTensor;
      parts.push(repeat(tensor, rowsOf(tensor, last.firstRow + last.rows - 1, 1), paddedRows - rows));
    }
    return { name: input.name, dataType: input.dataType, shape: [paddedRows, ...input.shape.slice(1)], parts };
  });
  return { inputs, outputs };
}

/** The request's tensors as they came. */
export function asBatch(inputs: readonly NamedTensor[], outputs: readonly string[]): Batch {
  return {
    inputs: inputs.map(({ name, dataType, shape, data }) => ({ name, dataType, shape, parts: [data] })),
    outputs,
  };
}

export function rowsOf(tensor: NamedTensor, firstRow: number, rows: number): TensorData {
  const total = tensor.shape[0] as number;
  if (firstRow === 0 && rows === total) return tensor.data;
  const width = tensor.data.length / total;
  return sliceData(tensor.data, firstRow * width, (firstRow + rows) * width);
}

function repeat(tensor: NamedTensor, row: TensorData, times: number): TensorData {
  const padding = allocate(tensor.dataType, row.length * times);
  for (let index = 0; index < padding.length; index++) {
    (padding as unknown[])[index] = row[index % row.length];
  }
  return padding;
}

/** Rows `firstRow` to `firstRow + rows` of every tensor, sharing its memory. */
export function splitRows(outputs: readonly NamedTensor[], firstRow: number, rows: number): NamedTensor[] {
  return outputs.map((tensor) =>
    tensor.shape[0] === rows && firstRow === 0
      ? tensor
      : {
          name: tensor.name,
          dataType: tensor.dataType,
          shape: tensor.shape.with(0, rows),
          data: rowsOf(tensor, firstRow, rows),
        },
  );
}

/** Joins the outputs of consecutive row ranges of one request along axis 0. Undefined where their rows differ in shape. */
export function joinRows(ranges: readonly (readonly NamedTensor[])[]): NamedTensor[] | undefined {
  const first = ranges[0] as readonly NamedTensor[];
  if (ranges.length === 1) return [...first];
  const joined: NamedTensor[] = [];
  for (const [index, { name, dataType, shape }] of first.entries()) {
    const parts = ranges.map((range) => range[index] as NamedTensor);
    const rowShape = shape.slice(1).join();
    if (parts.some((part) => part.shape.slice(1).join() !== rowShape)) return undefined;
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] as number), 0);
    joined.push({ name, dataType, shape: [rows, ...shape.slice(1)], data: concatenate(parts) });
  }
  return joined;
}

function concatenate(parts: readonly NamedTensor[]): TensorData {
  const first = parts[0] as NamedTensor;
  if (isStrings(first.data)) return parts.flatMap((part) => part.data as readonly string[]);
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
