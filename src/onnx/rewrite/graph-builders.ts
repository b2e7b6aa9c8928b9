import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../schema/onnx_pb.js';
import type { ValueType } from '../value-type.js';
import type { LargeTensor } from './shared-external-data.js';

export type AttributeValue =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly text: string }
  | { readonly graph: GraphProto }
  | { readonly type: TypeProto };

export function buildNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  const attribute = Object.entries(attributes).map(([name, value]) => buildAttribute(name, value));
  return create(NodeProtoSchema, { opType, input: [...input], output: [...output], attribute });
}

export function buildAttribute(name: string, value: AttributeValue): AttributeProto {
  const content = ((): MessageInitShape<typeof AttributeProtoSchema> => {
    if ('int' in value) return { type: AttributeType.INT, i: BigInt(value.int) };
    if ('ints' in value) return { type: AttributeType.INTS, ints: value.ints.map(BigInt) };
    if ('floats' in value) return { type: AttributeType.FLOATS, floats: [...value.floats] };
    if ('text' in value) return { type: AttributeType.STRING, s: Buffer.from(value.text) };
    if ('graph' in value) return { type: AttributeType.GRAPH, g: value.graph };
    return { type: AttributeType.TYPE_PROTO, tp: value.type };
  })();
  return create(AttributeProtoSchema, { name, ...content });
}

export interface GraphParts {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
}

export const buildGraph = ({ name, nodes, inputs = [], outputs, initializers = [] }: GraphParts): GraphProto =>
  create(GraphProtoSchema, {
    name,
    node: [...nodes],
    input: [...inputs],
    output: [...outputs],
    initializer: [...initializers],
  });

/** A tensor of 64-bit integers; a scalar without `dims`. */
export const buildIntegers = (name: string, values: readonly number[], dims: readonly number[] = []): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: ElementType.INT64,
    dims: dims.map(BigInt),
    int64Data: values.map(BigInt),
  });

/** A tensor without elements; one of the dimensions is 0. */
export const buildEmpty = (name: string, elementType: ElementType, dims: readonly number[]): TensorProto =>
  create(TensorProtoSchema, { name, dataType: elementType, dims: dims.map(BigInt) });

/** A tensor whose elements lie in another file. */
export const buildExternal = ({ name, elementType, dims, bytes }: LargeTensor, location: string): TensorProto =>
  create(TensorProtoSchema, {
    name,
    dataType: elementType,
    dims: dims.map(BigInt),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries({ location, ...bytes }).map(([key, value]) => ({ key, value: String(value) })),
  });

export const buildValueInfo = (name: string, type: ValueType): ValueInfoProto =>
  create(ValueInfoProtoSchema, { name, type: buildType(type) });

export function buildType(type: ValueType): TypeProto {
  switch (type.kind) {
    case 'tensor': {
      const value = {
        elemType: type.elementType,
        ...(type.shape !== null && { shape: { dim: type.shape.map(buildSize) } }),
      };
      return create(TypeProtoSchema, { value: { case: 'tensorType', value } });
    }
    case 'sequence':
      return create(TypeProtoSchema, { value: { case: 'sequenceType', value: { elemType: buildType(type.element) } } });
    case 'optional':
      return create(TypeProtoSchema, { value: { case: 'optionalType', value: { elemType: buildType(type.element) } } });
    default:
      throw new TypeError(`no rewrite makes values of kind ${type.kind}`);
  }
}

function buildSize(size: number | string | null) {
  if (size === null) return {};
  if (typeof size === 'string') return { value: { case: 'dimParam' as const, value: size } };
  return { value: { case: 'dimValue' as const, value: BigInt(size) } };
}
