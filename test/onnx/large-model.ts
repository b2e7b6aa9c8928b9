import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  ModelProtoSchema,
} from '../../src/onnx/schema/onnx_pb.js';

/** More bytes of weights than are copied without a thought. */
const [rows, columns] = [1024, 768];

/** `y = x · w`, all weights alike, and x in bfloat16, so that the model has to be rewritten. */
export function largeModel(weight: number): Uint8Array {
  const weights = new Float32Array(rows * columns).fill(weight);
  const castToFloat = { name: 'to', type: AttributeType.INT, i: BigInt(ElementType.FLOAT) };
  const tensorType = (elemType: ElementType) => ({ value: { case: 'tensorType' as const, value: { elemType } } });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'before the graph',
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        name: 'large',
        node: [
          { opType: 'Cast', input: ['x'], output: ['x32'], attribute: [castToFloat] },
          { opType: 'MatMul', input: ['x32', 'w'], output: ['y'] },
        ],
        initializer: [
          {
            name: 'w',
            dataType: ElementType.FLOAT,
            dims: [BigInt(rows), BigInt(columns)],
            rawData: new Uint8Array(weights.buffer),
          },
        ],
        input: [{ name: 'x', type: tensorType(ElementType.BFLOAT16) }],
        output: [{ name: 'y', type: tensorType(ElementType.FLOAT) }],
      },
    }),
  );
}

export const largeModelInputs = rows;
export const largeModelOutputs = columns;
