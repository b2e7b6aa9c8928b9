import { fromBinary } from '@bufbuild/protobuf';
import { invalidArgument } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from './schema/onnx_pb.js';
import { tensorOf } from './tensor-values.js';

/**
 * The tensor in a file of its own, as ONNX's test data has them; its name may be empty. Throws INVALID_ARGUMENT, to be put
 * after the file's name.
 */
export function readTensorFile(bytes: Uint8Array): NamedTensor {
  const proto = tensorProto(bytes);
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw invalidArgument('has its values in another file; expected them inside');
  }
  const tensor = tensorOf(proto);
  if (tensor === undefined) throw invalidArgument(expected);
  return { name: proto.name, ...tensor };
}

const expected = 'holds no tensor of a type that is served; expected an ONNX TensorProto';

function tensorProto(bytes: Uint8Array): TensorProto {
  try {
    return fromBinary(TensorProtoSchema, bytes);
  } catch (cause) {
    throw invalidArgument(`${expected} (${cause instanceof Error ? cause.message : cause})`);
  }
}
