import { fromBinary } from '@bufbuild/protobuf';
import type { FileWindow } from './file-window.js';
import type { GraphOutline, NodeOutline, TensorOutline } from './model-outline.js';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './schema/onnx_pb.js';
import { type ValueType, valueTypeOf } from './value-type.js';

/** Vocabularies, label lists and defaults are smaller; anything larger is a weight. */
const largestPartBytes = 16 * 1024 * 1024;

/** The attribute with all its values; undefined where the node has none of that name, or one too large to be read. */
export async function readAttribute(
  file: FileWindow,
  node: NodeOutline,
  name: string,
): Promise<AttributeProto | undefined> {
  const outline = node.attributes.find((attribute) => attribute.name === name);
  return outline && readPart(file, outline.range, (bytes) => fromBinary(AttributeProtoSchema, bytes));
}

/** A tensor with its elements; undefined where it is too large to be read, or lies in another file. */
export async function readTensor(file: FileWindow, outline: TensorOutline): Promise<TensorProto | undefined> {
  if (outline.external !== undefined) return undefined;
  return readPart(file, outline.range, (bytes) => fromBinary(TensorProtoSchema, bytes));
}

export const readNode = (file: FileWindow, node: NodeOutline): Promise<NodeProto | undefined> =>
  readPart(file, node.range, (bytes) => fromBinary(NodeProtoSchema, bytes));

/** The type that the graph declares for a value; undefined where it leaves it to inference. */
export async function findValueType(
  file: FileWindow,
  graph: GraphOutline,
  name: string,
): Promise<ValueType | undefined> {
  const edge = [...graph.inputs, ...graph.outputs].find((value) => value.name === name);
  if (edge !== undefined) return edge.type;
  for (const range of graph.valueInfos) {
    const info = await readPart(file, range, (bytes): ValueInfoProto => fromBinary(ValueInfoProtoSchema, bytes));
    if (info?.name === name) return valueTypeOf(info.type);
  }
  return undefined;
}

async function readPart<T>(
  file: FileWindow,
  range: { readonly offset: number; readonly length: number },
  decode: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  if (range.length > largestPartBytes) return undefined;
  const bytes = await file.load(range);
  try {
    return decode(bytes);
  } catch (cause) {
    throw file.corrupt(`the message at byte ${range.offset} is damaged (${(cause as Error).message})`);
  }
}
