import { axisOf, rowlessPart } from '../../core/batch-axes.js';
import type { BatchAxes, Batching } from '../../core/model.js';
import { invalidArgument } from '../../core/serving-error.js';
import { elementCount, type NamedTensor, type Tensor } from '../../core/tensor.js';
import { moveAxis } from '../../core/tensor-axis.js';
import { formatShape, type TensorSpec } from '../../core/tensor-spec.js';
import type { ModelFacts } from '../../inference/inference-codec.js';

/** How the rows of a request were sent, to answer it alike. */
export interface SentRows {
  readonly count: number;
  /** Along which the outputs' rows lie; absent: along axis 0. */
  readonly outputAxes?: BatchAxes['outputs'] | undefined;
}

/** Throws INVALID_ARGUMENT where the model does not take rows, or does not answer them by rows of these outputs. */
export function requireRows(model: ModelFacts, key: string, outputs?: readonly TensorSpec[]): void {
  const part = rowlessPart(model, outputs);
  if (part === undefined) return;
  const why =
    part.kind === 'model'
      ? `the model takes no rows (${part.reason})`
      : part.kind === 'input'
        ? sharedInput(part.name)
        : `output "${part.name}" has no row for each row of the inputs`;
  throw rejection(key, why);
}

/** The axis of an input along which items are laid, of a model that takes rows; throws INVALID_ARGUMENT where it has none. */
export function rowAxis(batching: Batching, spec: TensorSpec, key: string): number {
  const { name, shape, dataType } = spec;
  const axis = batching.axes === undefined ? 0 : batching.axes.inputs.get(name);
  const size = axis === undefined ? undefined : shape === null ? null : shape[axis];
  if (shape?.length === 0) throw rejection(key, `input "${name}" is a single ${dataType} without rows`);
  // Whether the rows of a parameter with a default are rows at all, its shape has to say.
  const isParameter = spec.optional === true && batching.axes === undefined && typeof size === 'number';
  const isFixedBatch = batching.kind === 'fixed' && batching.rows === size;
  if (axis === undefined || size === undefined || (isParameter && !isFixedBatch)) {
    throw rejection(key, sharedInput(name));
  }
  return axis;
}

/** Items along the first axis of a tensor, laid along the axis where the model takes them, of the rank that it takes. */
export function asInput(tensor: Tensor, spec: TensorSpec, axis: number): Tensor {
  const { shape } = spec;
  if (shape === null) return axis === 0 ? tensor : moveAxis(tensor, 0, axis);
  const rowsFirst = axis === 0 ? shape : [shape[axis] ?? null, ...shape.toSpliced(axis, 1)];
  const fitted = tensor.shape.length < shape.length ? fitRank(tensor, rowsFirst) : tensor;
  // What does not have the model's rank is left to be refused as it came.
  return axis !== 0 && fitted.shape.length === shape.length ? moveAxis(fitted, 0, axis) : fitted;
}

/**
 * Nested JSON cannot say everything about a shape. Two things are unmistakable and are put right here: one value
 * a row for a column of width 1 (`42` where `[42]` is meant), and what is empty, behind whose empty axis nobody can see
 * the sizes that the model fixes.
 */
function fitRank(tensor: Tensor, shape: NonNullable<TensorSpec['shape']>): Tensor {
  if (tensor.shape.length === 0) return tensor;
  const absent = shape.slice(tensor.shape.length);
  if (absent.length === 1 && absent[0] === 1) return { ...tensor, shape: [...tensor.shape, 1] };
  const isEmpty = elementCount(tensor.shape) === 0;
  const isKnown = absent.every((size): size is number => typeof size === 'number');
  return isEmpty && isKnown ? { ...tensor, shape: [...tensor.shape, ...absent] } : tensor;
}

/** Consecutive rows and their outputs, the rows along axis 0 of each. */
export interface RowGroup {
  readonly rows: number;
  readonly outputs: readonly NamedTensor[];
}

/**
 * The answer's outputs by rows, in order: mostly one group; several where rows' answers differ in shape, `width` outputs
 * each. Throws INVALID_ARGUMENT that names an output which is not a row for each row that was sent.
 */
export function rowGroups(outputs: readonly NamedTensor[], sent: SentRows, width: number): RowGroup[] {
  const { count, outputAxes } = sent;
  const isOneGroup = outputs.length === width;
  // Mostly rows lie along the first axis of everything.
  let areLeading = isOneGroup && outputAxes === undefined;
  for (const { shape } of outputs) areLeading &&= shape[0] === count;
  if (areLeading) return [{ rows: count, outputs }];
  const groups = Array.from({ length: outputs.length / width }, (_, index): RowGroup => {
    const group = outputs.slice(index * width, (index + 1) * width);
    const rows = isOneGroup ? count : rowsOf(group[0] as NamedTensor, outputAxes);
    return { rows, outputs: group.map((output) => rowsFirst(output, rows, sent)) };
  });
  const total = groups.reduce((sum, { rows }) => sum + rows, 0);
  if (total !== count) throw notRows(outputs[0] as NamedTensor, count);
  return groups;
}

function rowsFirst(output: NamedTensor, rows: number, { count, outputAxes }: SentRows): NamedTensor {
  if (rowsOf(output, outputAxes) !== rows) throw notRows(output, count);
  return moveAxis(output, axisOf(outputAxes, output.name) ?? 0, 0);
}

/** −1 where it has none. */
const rowsOf = ({ name, shape }: NamedTensor, axes: SentRows['outputAxes']): number =>
  shape[axisOf(axes, name) ?? -1] ?? -1;

const notRows = ({ name, shape }: NamedTensor, count: number): Error =>
  invalidArgument(
    `output "${name}" has shape ${formatShape(shape)}, which is not one value a row for ${count} rows; send {"inputs": …} instead of {"instances": …} to get it whole`,
  );

const sharedInput = (name: string): string => `input "${name}" has no row for each item, as all rows share it`;

function rejection(key: string, why: string): Error {
  const instead = key === 'instances' ? 'send {"inputs": …}' : 'call predict with {"inputs": …}';
  return invalidArgument(`${key}: ${why}; ${instead}, whole tensors as the model takes them, instead`);
}
