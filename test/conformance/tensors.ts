import type { DataType } from '../../src/core/data-type.js';
import { allocate, isStrings, type Tensor, type TensorData } from '../../src/core/tensor.js';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Length of the first axis, where every one of the tensors has it and it is the same; undefined otherwise. */
export function rowCount(tensors: Tensors): number | undefined {
  const lengths = new Set(Object.values(tensors).map(({ shape }) => shape[0]));
  const [length] = lengths;
  return lengths.size === 1 ? length : undefined;
}

/** One row of each tensor, which keeps its first axis. */
export const takeRow = (tensors: Tensors, row: number): Tensors =>
  mapTensors(tensors, ({ dataType, shape, data }) => {
    const size = data.length / (shape[0] as number);
    const from = row * size;
    return { dataType, shape: [1, ...shape.slice(1)], data: data.slice(from, from + size) as TensorData };
  });

/** Every tensor so many times, one after the other along the first axis. */
export const repeatRows = (tensors: Tensors, times: number): Tensors =>
  mapTensors(tensors, ({ dataType, shape, data }) => ({
    dataType,
    shape: [(shape[0] as number) * times, ...shape.slice(1)],
    data: repeated(dataType, data, times),
  }));

function repeated(dataType: DataType, data: TensorData, times: number): TensorData {
  if (isStrings(data)) return new Array(times).fill(data).flat() as string[];
  const all = allocate(dataType, data.length * times) as Exclude<TensorData, readonly string[]>;
  for (let turn = 0; turn < times; turn++) all.set(data as never, turn * data.length);
  return all;
}

const mapTensors = (tensors: Tensors, change: (tensor: Tensor) => Tensor): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
