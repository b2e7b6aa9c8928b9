import { allocate, elementCount, isStrings, type Tensor, type TensorData } from '../../src/core/tensor.js';
import type { Tensors } from '../conformance/tensors.js';

/** Axes by name; a tensor without one is shared by all rows. */
export type Axes = ReadonlyMap<string, number>;

/** Rows `from` to `to` of every tensor that has rows. */
export const sliceRows = (tensors: Tensors, axes: Axes, from: number, to: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const axis = axes.get(name);
      return [name, axis === undefined ? tensor : sliced(tensor, axis, from, to)];
    }),
  );

export const rowsIn = (tensors: Tensors, axes: Axes): number => {
  const [first] = axes;
  if (first === undefined) throw new Error('no input has rows');
  return (tensors[first[0]] as Tensor).shape[first[1]] as number;
};

/** One request of all rows, of requests whose other sizes are equal. */
export function joinRows(requests: readonly Tensors[], axes: Axes): Tensors {
  const [first] = requests;
  return Object.fromEntries(
    Object.entries(first as Tensors).map(([name, tensor]) => {
      const axis = axes.get(name);
      const parts = requests.map((request) => request[name] as Tensor);
      return [name, axis === undefined ? tensor : joined(parts, axis)];
    }),
  );
}

/** Equal for requests that differ in their rows only. */
export const sizesBesideRows = (tensors: Tensors, axes: Axes): string =>
  JSON.stringify(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const axis = axes.get(name);
      return axis === undefined ? [...shape, String(data)] : shape.map((size, at) => (at === axis ? -1 : size));
    }),
  );

function sliced({ dataType, shape, data }: Tensor, axis: number, from: number, to: number): Tensor {
  const inner = elementCount(shape.slice(axis + 1));
  const size = shape[axis] as number;
  const outer = elementCount(shape.slice(0, axis));
  const parts = Array.from({ length: outer }, (_, at) =>
    data.slice((at * size + from) * inner, (at * size + to) * inner),
  ) as TensorData[];
  const sizes = shape.map((length, at) => (at === axis ? to - from : length));
  return { dataType, shape: sizes, data: concatenated(dataType, parts) };
}

function joined(parts: readonly Tensor[], axis: number): Tensor {
  const [first] = parts as readonly [Tensor];
  const inner = elementCount(first.shape.slice(axis + 1));
  const outer = elementCount(first.shape.slice(0, axis));
  const pieces: TensorData[] = [];
  for (let at = 0; at < outer; at++) {
    for (const { shape, data } of parts) {
      const length = (shape[axis] as number) * inner;
      pieces.push(data.slice(at * length, (at + 1) * length) as TensorData);
    }
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  const sizes = first.shape.map((length, at) => (at === axis ? rows : length));
  return { dataType: first.dataType, shape: sizes, data: concatenated(first.dataType, pieces) };
}

function concatenated(dataType: Tensor['dataType'], parts: readonly TensorData[]): TensorData {
  if (dataType === 'BYTES') return parts.flatMap((part) => (isStrings(part) ? part : []));
  const all = allocate(
    dataType,
    parts.reduce((sum, { length }) => sum + length, 0),
  ) as Exclude<TensorData, readonly string[]>;
  let at = 0;
  for (const part of parts) {
    all.set(part as never, at);
    at += part.length;
  }
  return all;
}
