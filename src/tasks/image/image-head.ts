import type { ImagePlacement, ImageSize } from '../../core/image-plan.js';
import type { NamedTensor, Tensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import type { TaskParameters } from '../parameters.js';

/** What the graph gave for one picture: its outputs by name, of one row. */
export interface ImageRow {
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly size: ImageSize;
  readonly placement: ImagePlacement;
}

/** The part of a task that takes pictures behind the graph: pure. */
export interface ImageHead<Row = unknown> {
  /** What clients get. */
  readonly outputs: readonly TensorSpec[];
  /** The outputs of the graph that it reads. */
  readonly reads: readonly string[];
  /** Throws INVALID_ARGUMENT. */
  begin(parameters: TaskParameters): ImageHeadCall<Row>;
}

/** One request's. */
export interface ImageHeadCall<Row = unknown> {
  row(row: ImageRow): Row;
  /** Each of the head's outputs, rows along axis 0. */
  outputsOf(rows: readonly Row[]): readonly NamedTensor[];
}

/** The numbers of an output. Throws where it has none that tasks read. */
export function numbersOf({ outputs }: ImageRow, name: string): { data: Float32Array; shape: readonly number[] } {
  const tensor = outputs.get(name);
  if (tensor === undefined) throw new Error(`the graph gave no output "${name}"`);
  const { dataType, shape, data } = tensor;
  if (dataType !== 'FP32') throw new Error(`the output "${name}" is ${dataType}; tasks read FP32`);
  return { data: data as Float32Array, shape: shape.slice(1) };
}
