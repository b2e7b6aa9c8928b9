import type { DataType } from './data-type.js';
import { packedBytes, plainStrings, sliceStrings } from './packed-strings.js';

/** The array that holds a tensor of each type. FP16 and BF16 are raw 16-bit patterns; BOOL is one byte, 0 or 1. */
export interface TensorArrays {
  BOOL: Uint8Array;
  UINT8: Uint8Array;
  UINT16: Uint16Array;
  UINT32: Uint32Array;
  UINT64: BigUint64Array;
  INT8: Int8Array;
  INT16: Int16Array;
  INT32: Int32Array;
  INT64: BigInt64Array;
  FP16: Uint16Array;
  BF16: Uint16Array;
  FP32: Float32Array;
  FP64: Float64Array;
  BYTES: readonly string[];
}

export type TensorData = TensorArrays[DataType];

/** Everything but strings: data that is plain memory. */
export type NumericData = Exclude<TensorData, readonly string[]>;

/** Row-major; `data.length` is the product of `shape` (1 for a scalar, whose shape is `[]`). */
export interface Tensor {
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface NamedTensor extends Tensor {
  readonly name: string;
}

export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

export const isStrings = (data: TensorData): data is readonly string[] => Array.isArray(data);

const arrayConstructors = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** A zeroed array (strings: empty ones) of `length` elements. */
export function allocate(dataType: DataType, length: number): TensorData {
  return dataType === 'BYTES' ? new Array<string>(length).fill('') : new arrayConstructors[dataType](length);
}

/** Reads `length` elements in place; `byteOffset` must be a multiple of the element's size. */
export function viewOf(
  dataType: Exclude<DataType, 'BYTES'>,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): NumericData {
  return new arrayConstructors[dataType](buffer as ArrayBuffer, byteOffset, length);
}

/** Elements `from` (inclusive) to `to` (exclusive), sharing memory for numeric data. */
export function sliceData(data: TensorData, from: number, to: number): TensorData {
  return isStrings(data) ? sliceStrings(data, from, to) : data.subarray(from, to);
}

/** The same data, quicker to go through where it is packed strings. */
export const plainData = <Data extends TensorData>(data: Data): Data =>
  isStrings(data) ? (plainStrings(data) as Data) : data;

/** Bytes the elements occupy; strings that are not packed count their UTF-16 units. */
export function dataBytes(data: TensorData): number {
  if (!isStrings(data)) return data.byteLength;
  const packed = packedBytes(data);
  if (packed !== undefined) return packed;
  let bytes = 0;
  for (const text of data) bytes += 2 * text.length + 16;
  return bytes;
}

export function bytesOfAll(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) bytes += dataBytes(data);
  return bytes;
}
