import { invalidArgument } from '../../core/serving-error.js';
import { listed } from '../../core/short-text.js';
import { elementTypeName } from '../element-type.js';
import { attributeLabels, type Labels } from '../labels/graph-labels.js';
import type { NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { formatValueType, type ValueType } from '../value-type.js';
import { buildIntegers, buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

type MapType = Extract<ValueType, { kind: 'map' }>;

/**
 * A map from feature to value is taken as the tensor that the graph makes of it: a column for each key of its
 * vocabulary, named in the description, absent keys as zeros or empty texts. It may have any number of rows.
 */
export async function takeMapsAsTensors(draft: GraphDraft, parts: PartReader): Promise<void> {
  for (const io of draft.inputs) {
    if (io.type.kind === 'map') await takeMapAsTensor(draft, parts, io, io.type);
  }
}

async function takeMapAsTensor(draft: GraphDraft, parts: PartReader, io: GraphIo, type: MapType): Promise<void> {
  const users = draft.file.outline.graph.nodes.filter(({ inputs }) => inputs.includes(io.name));
  const others = users.filter(({ operator }) => operator !== 'DictVectorizer' && operator !== 'CastMap');
  if (others.length > 0 || users.length === 0 || type.value.kind !== 'tensor') {
    throw invalidArgument(
      `input "${io.name}" is of type ${formatValueType(type)}: a map can be served where DictVectorizer or CastMap ` +
        `takes it, but here ${others[0]?.operator ?? 'no operator'} does; export the model with a tensor input`,
    );
  }
  const vectorizers = users.filter(({ operator }) => operator === 'DictVectorizer');
  const casts = users.filter(({ operator }) => operator === 'CastMap');
  const vocabulary = await replaceVectorizers(draft, parts, io, vectorizers);
  const width = await replaceCasts(draft, parts, io, casts);
  const columns = vocabulary.length > 0 ? vocabulary.length : width;
  draft.replaceInput(io, [
    {
      name: io.name,
      description: io.description,
      type: { kind: 'tensor', elementType: type.value.elementType, shape: [null, columns] },
      ...(vocabulary.length > 0 && { classLabels: vocabulary, isMap: true }),
    },
  ]);
  const meaning =
    vocabulary.length > 0 ? `a column for each of ${listed(vocabulary)}` : 'its values in the order of its keys';
  draft.note(
    `input "${io.name}": the map is taken as a tensor of ${elementTypeName(type.value.elementType)}, ${meaning}`,
  );
}

/** Returns the keys that any of the nodes knows, in the order of the first. */
async function replaceVectorizers(
  draft: GraphDraft,
  parts: PartReader,
  io: GraphIo,
  nodes: readonly NodeOutline[],
): Promise<Labels> {
  const vocabularies: Labels[] = [];
  for (const node of nodes) vocabularies.push(await readVocabulary(parts, node));
  const union = [...new Set(vocabularies.flat())];
  const position = new Map(union.map((key, index) => [key, index]));
  nodes.forEach((node, index) => {
    const vocabulary = vocabularies[index] ?? [];
    const output = node.outputs[0] ?? '';
    draft.hide(node.range);
    if (vocabulary.length === union.length && vocabulary.every((key, at) => union[at] === key)) {
      draft.add(buildNode('Identity', [io.name], [output]));
      return;
    }
    const columns = vocabulary.map((key) => position.get(key) ?? 0);
    const indices = draft.addConstant(buildIntegers(draft.freshName(`${output}/columns`), columns, [columns.length]));
    draft.add(buildNode('Gather', [io.name, indices], [output], { axis: { int: 1 } }));
  });
  return union;
}

async function readVocabulary(parts: PartReader, node: NodeOutline): Promise<Labels> {
  const texts = await attributeLabels(parts, node, 'string_vocabulary');
  return texts.length > 0 ? texts : attributeLabels(parts, node, 'int64_vocabulary');
}

const castTargets: Readonly<Record<string, ElementType>> = {
  TO_FLOAT: ElementType.FLOAT,
  TO_INT64: ElementType.INT64,
  TO_STRING: ElementType.STRING,
};

/** Returns the number of columns, where the nodes fix it. */
async function replaceCasts(
  draft: GraphDraft,
  parts: PartReader,
  io: GraphIo,
  nodes: readonly NodeOutline[],
): Promise<number | null> {
  let width: number | null = null;
  for (const node of nodes) {
    const textOf = async (name: string): Promise<string> =>
      Buffer.from((await parts.attribute(node, name))?.s ?? []).toString();
    const target = castTargets[(await textOf('cast_to')) || 'TO_FLOAT'];
    if (target === undefined)
      throw invalidArgument(`operator CastMap "${node.name}" casts to a type that ONNX does not have`);
    if ((await textOf('map_form')) === 'SPARSE') width = Number((await parts.attribute(node, 'max_map'))?.i ?? 1n);
    draft.hide(node.range);
    draft.add(buildNode('Cast', [io.name], [node.outputs[0] ?? ''], { to: { int: target } }));
  }
  return width;
}
