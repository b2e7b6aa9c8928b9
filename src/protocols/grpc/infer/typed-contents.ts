import type { DataType } from '../../../core/data-type.js';
import type { TensorFields } from '../wire/tensor-fields.js';

/** The fields of `InferTensorContents` by their numbers. */
const names = {
  1: 'bool_contents',
  2: 'int_contents',
  3: 'int64_contents',
  4: 'uint_contents',
  5: 'uint64_contents',
  6: 'fp32_contents',
  7: 'fp64_contents',
  8: 'bytes_contents',
} as const;

/** Where each type's elements lie; half floats come as raw bytes only. */
const fieldOf = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP16: undefined,
  BF16: undefined,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
} as const satisfies Record<DataType, number | undefined>;

export const typedContents: TensorFields = { names, fieldOf, raw: 'raw_input_contents' };
