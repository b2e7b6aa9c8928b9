import { elementTypeName } from '../element-type.js';
import type { NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { ElementTypes } from './element-types.js';
import { buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';

/** A type that operators are defined for, but that the engine computes none, or few, of them in. */
interface Gap {
  readonly type: ElementType;
  /** Holds every value of the type; what it is computed in instead. */
  readonly carrier: ElementType;
  readonly lacks: (operator: string) => boolean;
  /** Only inputs from this position on. */
  readonly from?: number;
}

const among = (names: string): Gap['lacks'] => {
  const operators = new Set(names.split(' '));
  return (operator) => operators.has(operator);
};

/** Operators that only move or look at what they are given; they are there for bfloat16, too. */
const movesBfloat16 = among(
  'Cast CastLike Concat Constant ConstantOfShape Flatten Gather GatherElements GatherND Identity If IsInf IsNaN Loop ' +
    'Optional OptionalGetElement OptionalHasElement Reshape Scan SequenceAt SequenceConstruct SequenceEmpty ' +
    'SequenceErase SequenceInsert SequenceLength Shape Slice Split SplitToSequence ConcatFromSequence Squeeze ' +
    'Transpose Unsqueeze',
);

const gaps: readonly Gap[] = [
  { type: ElementType.BFLOAT16, carrier: ElementType.FLOAT, lacks: (operator) => !movesBfloat16(operator) },
  { type: ElementType.FLOAT16, carrier: ElementType.FLOAT, lacks: among('Celu Range') },
  { type: ElementType.INT8, carrier: ElementType.INT32, lacks: among('Where') },
  { type: ElementType.INT16, carrier: ElementType.INT32, lacks: among('Max Min Where') },
  { type: ElementType.UINT16, carrier: ElementType.INT32, lacks: among('Max Min Where') },
  { type: ElementType.UINT16, carrier: ElementType.UINT32, lacks: among('BitShift') },
  { type: ElementType.UINT32, carrier: ElementType.INT64, lacks: among('Where') },
  // An exponent that does not fit would overflow any base but 0 and ±1, and does so in a double as well.
  { type: ElementType.UINT32, carrier: ElementType.DOUBLE, lacks: among('Pow'), from: 1 },
  { type: ElementType.UINT64, carrier: ElementType.DOUBLE, lacks: among('Pow'), from: 1 },
];

/** Casts before and after the operators that the engine has, but not for the types that they get. */
export async function bridgeKernelGaps(draft: GraphDraft, parts: PartReader): Promise<void> {
  const { graph } = draft.file.outline;
  if (!graph.nodes.some(({ operator, domain }) => isStandard(domain) && gaps.some(({ lacks }) => lacks(operator))))
    return;
  const types = await ElementTypes.of(draft, parts);
  const bridged = new Map<string, Set<string>>();
  for (const node of graph.nodes) {
    if (!isStandard(node.domain) || draft.isHidden(node.range)) continue;
    const gap = gapOf(node, types);
    if (gap === undefined || !(await bridge(draft, parts, node, gap, types))) continue;
    const key = `${elementTypeName(gap.type)}: it is computed in ${elementTypeName(gap.carrier)}`;
    bridged.set(key, (bridged.get(key) ?? new Set()).add(node.operator));
  }
  for (const [key, operators] of bridged) draft.note(`the engine has no ${[...operators].join(', ')} of ${key}`);
}

const isStandard = (domain: string): boolean => domain === '' || domain === 'ai.onnx';

const gapOf = ({ operator, inputs }: NodeOutline, types: ElementTypes): Gap | undefined =>
  gaps.find(
    ({ type, lacks, from = 0 }) => lacks(operator) && inputs.some((name, at) => at >= from && types.get(name) === type),
  );

/** False for a node that is too large to be written anew. */
async function bridge(
  draft: GraphDraft,
  parts: PartReader,
  outline: NodeOutline,
  { type, carrier, from = 0 }: Gap,
  types: ElementTypes,
): Promise<boolean> {
  const node = await parts.node(outline);
  if (node === undefined) return false;
  const cast = (input: string, output: string, to: ElementType) =>
    buildNode('Cast', [input], [output], { to: { int: to } });
  const carried = new Map<string, string>();
  node.input = node.input.map((name, at) => {
    if (at < from || types.get(name) !== type) return name;
    const known = carried.get(name);
    if (known !== undefined) return known;
    const wide = draft.freshName(`${name}/carried`);
    carried.set(name, wide);
    draft.add(cast(name, wide, carrier));
    return wide;
  });
  node.output = node.output.map((name) => {
    if (name === '' || from > 0 || types.get(name) !== type) return name;
    const wide = draft.freshName(`${name}/carried`);
    draft.add(cast(wide, name, type));
    return wide;
  });
  draft.hide(outline.range);
  draft.add(node);
  return true;
}
