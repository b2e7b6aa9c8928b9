import { create, toBinary } from '@bufbuild/protobuf';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { TensorProtoSchema } from '../../src/onnx/schema/onnx_pb.js';

/** `y` is what lies between a row of `x` and the mean of all rows that it runs with: zero for who is alone. */
export function aloneIsZero(): Uint8Array {
  const graph = new GraphWriter(0);
  const x = graph.input('x', ElementType.FLOAT, ['n', 2]);
  const mean = graph.node('ReduceMean', [x], { attributes: { axes: { ints: [0] } } });
  graph.output(graph.node('Sub', [x, mean], { outputs: ['y'] }), ElementType.FLOAT, ['n', 2]);
  return graph.finish('alone is zero');
}

/** A file as ONNX's test data has it. */
export const tensorFile = (name: string, dims: readonly number[], values: readonly number[]): Uint8Array =>
  toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, { name, dataType: 1, dims: dims.map(BigInt), floatData: [...values] }),
  );

/** The text of a golden file: rows, and what they are to become. */
export const golden = (rows: readonly unknown[], predictions: readonly unknown[], rest: object = {}): string =>
  JSON.stringify({ request: { instances: rows }, response: { predictions }, ...rest });
