import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { GraphOutline, NodeOutline } from '../model-outline.js';
import { AttributeProtoSchema, GraphProtoSchema, NodeProtoSchema, ValueInfoProtoSchema } from '../schema/onnx_pb.js';

/** Old name → new name. */
export type Renames = ReadonlyMap<string, string>;

/** Whether a node, or a graph within it, uses or makes one of the values. */
export function mentions(node: NodeOutline, names: ReadonlyMap<string, unknown>): boolean {
  if (node.inputs.some((name) => names.has(name)) || node.outputs.some((name) => names.has(name))) return true;
  return node.attributes.some(({ graphs }) => graphs.some((graph) => graphMentions(graph, names)));
}

const graphMentions = (graph: GraphOutline, names: ReadonlyMap<string, unknown>): boolean =>
  graph.nodes.some((node) => mentions(node, names)) || graph.outputs.some(({ name }) => names.has(name));

const { input, output, attribute } = NodeProtoSchema.field;
const { g, graphs } = AttributeProtoSchema.field;
const graphField = GraphProtoSchema.field;

/**
 * A serialized node with values renamed in it and in the graphs within it; all else stays as it is, byte for byte.
 * ONNX has every name of a graph and of those within it defined once, so a name means one value.
 */
export const renameInNode = (node: Uint8Array, renames: Renames): Uint8Array =>
  rewriteFields(node, {
    [input.number]: (bytes) => renameText(bytes, renames),
    [output.number]: (bytes) => renameText(bytes, renames),
    [attribute.number]: (bytes) => renameInAttribute(bytes, renames),
  });

const renameInAttribute = (bytes: Uint8Array, renames: Renames): Uint8Array =>
  rewriteFields(bytes, {
    [g.number]: (graph) => renameInGraph(graph, renames),
    [graphs.number]: (graph) => renameInGraph(graph, renames),
  });

const renameInGraph = (bytes: Uint8Array, renames: Renames): Uint8Array =>
  rewriteFields(bytes, {
    [graphField.node.number]: (node) => renameInNode(node, renames),
    [graphField.output.number]: (info) => renameInValueInfo(info, renames),
    [graphField.valueInfo.number]: (info) => renameInValueInfo(info, renames),
  });

const renameInValueInfo = (bytes: Uint8Array, renames: Renames): Uint8Array =>
  rewriteFields(bytes, { [ValueInfoProtoSchema.field.name.number]: (name) => renameText(name, renames) });

function renameText(bytes: Uint8Array, renames: Renames): Uint8Array {
  const renamed = renames.get(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  return renamed === undefined ? bytes : Buffer.from(renamed);
}

/** Copies a message, passing the length-delimited fields of the given numbers through a function each. */
function rewriteFields(
  message: Uint8Array,
  rewriters: Readonly<Record<number, (bytes: Uint8Array) => Uint8Array>>,
): Uint8Array {
  const reader = new BinaryReader(message);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const rewrite = wireType === WireType.LengthDelimited ? rewriters[number] : undefined;
    if (rewrite !== undefined) {
      writer.tag(number, wireType).bytes(rewrite(reader.bytes()));
    } else {
      reader.skip(wireType, number);
      writer.raw(message.subarray(start, reader.pos));
    }
  }
  return writer.finish();
}
