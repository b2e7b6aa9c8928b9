import { allocate, elementCount, type Tensor, type TensorData, viewOf } from '../core/tensor.js';
import { dataTypeOf } from './element-type.js';
import type { TensorProto } from './schema/onnx_pb.js';

/** The tensor with its elements; undefined where its type has none at the engine's door, or elements are missing. */
export function tensorOf(proto: TensorProto): Tensor | undefined {
  const dataType = dataTypeOf(proto.dataType);
  if (dataType === undefined) return undefined;
  const shape = proto.dims.map(Number);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count) || count < 0) return undefined;
  const data = dataType === 'BYTES' ? proto.stringData.map(decodeText) : numbersOf(proto, dataType, count);
  return data?.length === count ? { dataType, shape, data } : undefined;
}

const decodeText = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function numbersOf(
  proto: TensorProto,
  dataType: Exclude<Tensor['dataType'], 'BYTES'>,
  count: number,
): TensorData | undefined {
  if (proto.rawData.length > 0) {
    const bytes = proto.rawData.slice();
    const size = (allocate(dataType, 0) as Uint8Array).BYTES_PER_ELEMENT;
    return bytes.length === count * size ? viewOf(dataType, bytes.buffer, 0, count) : undefined;
  }
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = proto;
  switch (dataType) {
    case 'FP32':
      return Float32Array.from(floatData);
    case 'FP64':
      return Float64Array.from(doubleData);
    case 'INT64':
      return BigInt64Array.from(int64Data);
    case 'UINT64':
      return BigUint64Array.from(uint64Data);
    case 'UINT32':
      return Uint32Array.from(uint64Data, Number);
    default: {
      // The small types, half floats and booleans among them, share one field.
      const data = allocate(dataType, int32Data.length) as Int32Array;
      data.set(int32Data);
      return data;
    }
  }
}
