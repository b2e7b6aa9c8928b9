import { isFieldSet } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as ElementType,
  type NodeProto,
} from '../schema/onnx_pb.js';
import { buildAttribute, buildIntegers, buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { ValueRanks } from './value-ranks.js';

export interface UpgradeContext {
  readonly draft: GraphDraft;
  readonly ranks: ValueRanks;
}

/** Changes the node to what operator set 7 wants; returns the nodes that have to run before it. */
type Upgrade = (node: NodeProto, context: UpgradeContext) => readonly NodeProto[];

const elementwise = ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'];

const upgrades: Readonly<Record<string, Upgrade>> = {
  ...Object.fromEntries(elementwise.map((operator): [string, Upgrade] => [operator, alignSecondInput])),
  PRelu: alignSlope,
  Gemm: flattenFirstInput,
  BatchNormalization: (node) => {
    drop(node, 'is_test');
    // The others are statistics of training.
    node.output = node.output.slice(0, 1);
    return [];
  },
  Dropout: (node) => drop(node, 'is_test'),
  GRU: (node) => drop(node, 'output_sequence'),
  LSTM: (node) => drop(node, 'output_sequence'),
  RNN: (node) => drop(node, 'output_sequence'),
  Upsample: (node) => {
    const scales = ['height_scale', 'width_scale'].map((name) => take(node, name)?.f);
    if (!scales.includes(undefined))
      node.attribute.push(buildAttribute('scales', { floats: [1, 1, ...(scales as number[])] }));
    return [];
  },
  Cast: (node) => {
    const target = find(node, 'to');
    const name = Buffer.from(target?.s ?? []).toString() as keyof typeof ElementType;
    if (target !== undefined && name in ElementType)
      replace(node, target, buildAttribute('to', { int: ElementType[name] }));
    return [];
  },
  Reshape: (node, { draft, ranks }) => {
    const shape = take(node, 'shape');
    if (shape === undefined || node.input.length > 1) return [];
    const name = draft.freshName(`${node.output[0]}/shape`);
    draft.addConstant(buildIntegers(name, shape.ints.map(Number), [shape.ints.length]));
    node.input.push(name);
    ranks.set(node.output[0], shape.ints.length);
    return [];
  },
  Concat: (node) => {
    if (find(node, 'axis') === undefined) node.attribute.push(buildAttribute('axis', { int: 1 }));
    return [];
  },
  Pad: (node) => {
    const paddings = take(node, 'paddings');
    if (paddings !== undefined) node.attribute.push(buildAttribute('pads', { ints: paddings.ints.map(Number) }));
    return [];
  },
};

/** The nodes that do in operator set 7 what a node did in an earlier one. */
export function upgradeNode(node: NodeProto, context: UpgradeContext): readonly NodeProto[] {
  drop(node, 'consumed_inputs');
  for (const attribute of node.attribute) tellType(attribute);
  const before = upgrades[node.opType]?.(node, context) ?? [];
  return [...before, node];
}

/** Since 7, shapes are aligned at their ends; before, `axis` said where in the first input the second one begins. */
function alignSecondInput(node: NodeProto, { draft, ranks }: UpgradeContext): readonly NodeProto[] {
  drop(node, 'broadcast');
  const axis = take(node, 'axis');
  const [rank, second] = [ranks.of(node.input[0]), ranks.of(node.input[1])];
  if (axis === undefined || rank === undefined || second === undefined) return [];
  const start = Number(axis.i) < 0 ? Number(axis.i) + rank : Number(axis.i);
  return appendAxes(node, draft, second, rank - start - second);
}

/** Since 7, a slope a channel needs axes of size 1 for what comes after the channels. */
function alignSlope(node: NodeProto, { draft, ranks }: UpgradeContext): readonly NodeProto[] {
  const [rank, slope] = [ranks.of(node.input[0]), ranks.of(node.input[1])];
  return rank === undefined || slope !== 1 ? [] : appendAxes(node, draft, slope, rank - 2);
}

function appendAxes(node: NodeProto, draft: GraphDraft, rank: number, count: number): readonly NodeProto[] {
  const [first, second] = node.input;
  if (count <= 0 || first === undefined || second === undefined) return [];
  const aligned = draft.freshName(`${second}/aligned`);
  const axes = Array.from({ length: count }, (_, index) => rank + index);
  node.input = [first, aligned];
  return [buildNode('Unsqueeze', [second], [aligned], { axes: { ints: axes } })];
}

/** Before 7, converters relied on inputs of more axes being taken as matrices. A matrix stays as it is. */
function flattenFirstInput(node: NodeProto, { draft, ranks }: UpgradeContext): readonly NodeProto[] {
  drop(node, 'broadcast');
  const [first, ...others] = node.input;
  if (first === undefined || ranks.of(first) === 2 || find(node, 'transA')?.i === 1n) return [];
  const flat = draft.freshName(`${first}/flat`);
  node.input = [flat, ...others];
  return [buildNode('Flatten', [first], [flat], { axis: { int: 1 } })];
}

/** Files from before attributes told their type hold the one field that has a value. */
function tellType(attribute: AttributeProto): void {
  if (attribute.type !== AttributeType.UNDEFINED) return;
  const { field } = AttributeProtoSchema;
  const candidates = [
    [field.t, AttributeType.TENSOR],
    [field.f, AttributeType.FLOAT],
    [field.i, AttributeType.INT],
    [field.s, AttributeType.STRING],
    [field.ints, AttributeType.INTS],
    [field.floats, AttributeType.FLOATS],
    [field.strings, AttributeType.STRINGS],
  ] as const;
  const known = candidates.find(([candidate]) => isFieldSet(attribute, candidate));
  if (known !== undefined) attribute.type = known[1];
}

const find = (node: NodeProto, name: string): AttributeProto | undefined =>
  node.attribute.find((attribute) => attribute.name === name);

function take(node: NodeProto, name: string): AttributeProto | undefined {
  const found = find(node, name);
  drop(node, name);
  return found;
}

function drop(node: NodeProto, name: string): readonly NodeProto[] {
  node.attribute = node.attribute.filter((attribute) => attribute.name !== name);
  return [];
}

function replace(node: NodeProto, known: AttributeProto, by: AttributeProto): void {
  node.attribute = node.attribute.map((attribute) => (attribute === known ? by : attribute));
}
