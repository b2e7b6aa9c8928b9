import type { DataType } from '../core/data-type.js';
import { TensorProto_DataType } from './schema/onnx_pb.js';

const dataTypes: Readonly<Partial<Record<TensorProto_DataType, DataType>>> = {
  [TensorProto_DataType.FLOAT]: 'FP32',
  [TensorProto_DataType.UINT8]: 'UINT8',
  [TensorProto_DataType.INT8]: 'INT8',
  [TensorProto_DataType.UINT16]: 'UINT16',
  [TensorProto_DataType.INT16]: 'INT16',
  [TensorProto_DataType.INT32]: 'INT32',
  [TensorProto_DataType.INT64]: 'INT64',
  [TensorProto_DataType.STRING]: 'BYTES',
  [TensorProto_DataType.BOOL]: 'BOOL',
  [TensorProto_DataType.FLOAT16]: 'FP16',
  [TensorProto_DataType.DOUBLE]: 'FP64',
  [TensorProto_DataType.UINT32]: 'UINT32',
  [TensorProto_DataType.UINT64]: 'UINT64',
};

/** The type that tensors of an ONNX element type have at the engine's door; undefined where the engine takes none. */
export const dataTypeOf = (elementType: TensorProto_DataType): DataType | undefined => dataTypes[elementType];

/** `float`, `int64`, `bfloat16` … as ONNX's own documents write them. */
export const elementTypeName = (elementType: TensorProto_DataType): string =>
  TensorProto_DataType[elementType]?.toLowerCase() ?? `element type ${elementType}`;
