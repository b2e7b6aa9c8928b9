import { listed } from '../../core/short-text.js';
import { attributeLabels, type Labels } from '../labels/graph-labels.js';
import type { NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import type { ValueType } from '../value-type.js';
import { buildIntegers, buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/**
 * ZipMap turns a row of scores into a map from class label to score, which the engine cannot hand out.
 * The row itself is served instead, with the labels told in its description.
 */
export async function unzipMaps(draft: GraphDraft, parts: PartReader): Promise<void> {
  const zipMaps = new Map<string, NodeOutline>();
  for (const node of draft.file.outline.graph.nodes) {
    if (node.operator === 'ZipMap' && node.domain === 'ai.onnx.ml') zipMaps.set(node.outputs[0] ?? '', node);
  }
  for (const io of draft.outputs) {
    const node = zipMaps.get(io.name);
    if (node !== undefined) await unzip(draft, parts, io, node);
  }
}

async function unzip(draft: GraphDraft, parts: PartReader, io: GraphIo, node: NodeOutline): Promise<void> {
  const labels = await readLabels(parts, node);
  const scores = node.inputs[0] ?? '';
  const declared = await parts.valueType(draft.file.outline.graph, scores);
  draft.hide(node.range);
  const isRow = declared?.kind === 'tensor' && declared.shape?.length === 1;
  if (isRow) {
    const shape = draft.addConstant(buildIntegers(draft.freshName(`${io.name}/shape`), [1, -1], [2]));
    draft.add(buildNode('Reshape', [scores, shape], [io.name]));
  } else {
    draft.add(buildNode('Identity', [scores], [io.name]));
  }
  draft.replaceOutput(io, [
    {
      name: io.name,
      description: io.description,
      type: scoresType(declared, labels.length),
      anyShape: true,
      ...(labels.length > 0 && { classLabels: labels, isMap: true }),
    },
  ]);
  const columns = labels.length > 0 ? `one for each of ${listed(labels)}` : 'one for each class';
  draft.note(`output "${io.name}": the maps that ZipMap makes are served as a tensor of scores, ${columns}`);
}

async function readLabels(parts: PartReader, node: NodeOutline): Promise<Labels> {
  const texts = await attributeLabels(parts, node, 'classlabels_strings');
  return texts.length > 0 ? texts : attributeLabels(parts, node, 'classlabels_int64s');
}

function scoresType(declared: ValueType | undefined, labelCount: number): ValueType {
  const columns = labelCount > 0 ? labelCount : null;
  const shape = declared?.kind === 'tensor' ? declared.shape : null;
  const rows = shape?.length === 1 ? 1 : (shape?.[0] ?? null);
  return { kind: 'tensor', elementType: ElementType.FLOAT, shape: [rows, columns] };
}
