import type { Tensor as EngineTensor } from 'onnxruntime-node';
import type { DataType } from '../../src/core/data-type.js';
import type { NamedTensor, Tensor, TensorData } from '../../src/core/tensor.js';

const engineTypes: Readonly<Partial<Record<DataType, string>>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};

/** A plain object, which takes half floats on every version of Node. */
export const toEngine = ({ dataType, shape, data }: Tensor): EngineTensor =>
  ({ type: engineTypes[dataType], dims: shape, data, location: 'cpu' }) as unknown as EngineTensor;

export function fromEngine(name: string, { type, dims, data }: EngineTensor): NamedTensor {
  const dataType = Object.entries(engineTypes).find(([, engineType]) => engineType === type)?.[0] as DataType;
  return { name, dataType, shape: [...dims], data: data as TensorData };
}
