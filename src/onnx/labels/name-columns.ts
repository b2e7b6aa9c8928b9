import type { PartReader } from '../part-reader.js';
import type { GraphDraft } from '../rewrite/graph-draft.js';
import type { GraphIo } from '../rewrite/graph-io.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { type Labels, labelsInGraph } from './graph-labels.js';
import { classNamesIn, featureNamesIn } from './property-labels.js';

/** Names the columns of scores after the classes, and those of the input after the features, where the file names them. */
export async function nameColumns(draft: GraphDraft, parts: PartReader): Promise<void> {
  const { graph, properties } = draft.file.outline;
  const known = await labelsInGraph(parts, graph);
  const named = classNamesIn(properties);
  for (const io of draft.outputs) {
    if (io.classLabels !== undefined || !isScores(io)) continue;
    const labels = fitting(io, named.length > 0 ? [named] : known);
    if (labels !== undefined) draft.describeOutput(io, { classLabels: labels });
  }
  const features = featureNamesIn(properties);
  const [input] = draft.inputs;
  if (draft.inputs.length === 1 && input !== undefined && columnsOf(input) === features.length) {
    draft.describeInput(input, { classLabels: features });
  }
}

const floats: ReadonlySet<ElementType> = new Set([ElementType.FLOAT, ElementType.DOUBLE, ElementType.FLOAT16]);

/** A row of numbers for each row of input. */
const isScores = ({ type }: GraphIo): boolean =>
  type.kind === 'tensor' && floats.has(type.elementType) && type.shape?.length === 2;

function columnsOf({ type }: GraphIo): number | undefined {
  const size = type.kind === 'tensor' && type.shape?.length === 2 ? type.shape[1] : undefined;
  return typeof size === 'number' ? size : undefined;
}

/** The one list that has a label for every column; any one list where the number of columns is free. */
function fitting(io: GraphIo, candidates: readonly Labels[]): Labels | undefined {
  const columns = columnsOf(io);
  const matches = columns === undefined ? candidates : candidates.filter(({ length }) => length === columns);
  return matches.length === 1 ? matches[0] : undefined;
}
