import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { invalidArgument } from '../../core/serving-error.js';
import type { FieldRange, FileWindow } from '../file-window.js';
import type { GraphOutline, NodeOutline } from '../model-outline.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../schema/onnx_pb.js';
import type { FilePatch } from './file-patch.js';
import { buildExternal, buildValueInfo } from './graph-builders.js';
import type { GraphChanges, GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';
import { mentions, renameInNode } from './rename-values.js';
import { sharedExternalData } from './shared-external-data.js';

/** A node with all its constants, when it has to be written anew. */
const largestNodeBytes = 64 * 1024 * 1024;

const graphField = GraphProtoSchema.field;

/** What has to change in the file for it to hold the drafted graph; undefined when nothing has to. `fileName`: under which weights are found that stay in the file. */
export async function patchFor(draft: GraphDraft, file: FileWindow, fileName: string): Promise<FilePatch | undefined> {
  const { changes } = draft;
  if (changes === undefined) return undefined;
  const { outline } = draft.file;
  const hidden = [...changes.hidden];
  const graph = new BinaryWriter();
  const add = (field: { readonly number: number }, bytes: Uint8Array): void =>
    void graph.tag(field.number, WireType.LengthDelimited).bytes(bytes);

  for (const node of outline.graph.nodes) {
    if (!mentions(node, changes.renames) || changes.hidden.has(node.range)) continue;
    hidden.push(node.range);
    requireRewritable(node);
    add(graphField.node, await file.decode(node.range, (bytes) => renameInNode(bytes, changes.renames)));
  }
  for (const node of changes.nodes) add(graphField.node, toBinary(NodeProtoSchema, node));
  for (const tensor of changes.initializers) add(graphField.initializer, toBinary(TensorProtoSchema, tensor));
  for (const io of changes.inputs) add(graphField.input, valueInfo(io));
  for (const io of changes.outputs) add(graphField.output, valueInfo(io));
  hidden.push(...(await staleValueInfos(outline.graph, changes, file)));

  const shared = sharedExternalData(draft.file, changes.hidden);
  for (const tensor of shared) {
    hidden.push(tensor.range);
    add(graphField.initializer, toBinary(TensorProtoSchema, buildExternal(tensor, fileName)));
  }

  const model = new BinaryWriter();
  model.tag(ModelProtoSchema.field.graph.number, WireType.LengthDelimited).bytes(graph.finish());
  if (changes.opset !== undefined) {
    hidden.push(...outline.standardOpsets);
    const opset = create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(changes.opset) });
    model.tag(ModelProtoSchema.field.opsetImport.number, WireType.LengthDelimited);
    model.bytes(toBinary(OperatorSetIdProtoSchema, opset));
  }
  if (changes.irVersion !== undefined) {
    model.tag(ModelProtoSchema.field.irVersion.number, WireType.Varint).int64(changes.irVersion);
  }
  return { hidden, appended: model.finish(), ...(shared.length > 0 && { graphWithoutWeights: outline.graph.range }) };
}

function valueInfo({ name, type, anyShape }: GraphIo): Uint8Array {
  const declared = anyShape && type.kind === 'tensor' ? { ...type, shape: null } : type;
  return toBinary(ValueInfoProtoSchema, buildValueInfo(name, declared));
}

function requireRewritable({ name, operator, range }: NodeOutline): void {
  if (range.length <= largestNodeBytes) return;
  throw invalidArgument(
    `node "${name}" (${operator}) would have to be rewritten, but holds ${range.length} bytes of constants`,
  );
}

/** Declared types of names that mean other values now, of other types perhaps. */
async function staleValueInfos(
  { valueInfos }: GraphOutline,
  { renames, inputs, outputs }: GraphChanges,
  file: FileWindow,
): Promise<readonly FieldRange[]> {
  const stale: FieldRange[] = [];
  const names = new Set([...renames.keys(), ...[...inputs, ...outputs].map(({ name }) => name)]);
  if (names.size === 0) return stale;
  for (const range of valueInfos) {
    if (names.has(await file.decode(range, leadingName))) stale.push(range);
  }
  return stale;
}

/** The name that a value's description begins with, as every writer has it. */
function leadingName(valueInfo: Uint8Array): string {
  const reader = new BinaryReader(valueInfo);
  if (reader.len === 0) return '';
  const [number, wireType] = reader.tag();
  const isName = number === ValueInfoProtoSchema.field.name.number && wireType === WireType.LengthDelimited;
  return isName ? reader.string() : '';
}
