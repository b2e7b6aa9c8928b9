import { allocate } from '../../core/tensor.js';
import { dataTypeOf } from '../element-type.js';
import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import type { TensorType, ValueType } from '../value-type.js';
import { buildEmpty, buildGraph, buildIntegers, buildNode, buildType, buildValueInfo } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/** `Optional` came with operator set 15, `If` over it with 16. */
const firstOpset = 16;
/** Rank of the value that stands for an absent one, where the declared rank is unknown: more than any real one. */
const absentRank = 9;

/**
 * An optional tensor is an input that a request may leave out. The engine is then given an empty tensor of a rank
 * that no request can have, by which the graph knows that there is none.
 */
export function takeOptionals(draft: GraphDraft): void {
  if (draft.opset < firstOpset) return;
  for (const io of draft.inputs) {
    if (io.type.kind !== 'optional') continue;
    const { element } = io.type;
    draft.unbatchable = `input "${io.name}" is optional, and requests with it cannot join requests without it`;
    if (element.kind === 'tensor') takeOptionalTensor(draft, io, element);
    else takeAlways(draft, io, element);
  }
}

function takeOptionalTensor(draft: GraphDraft, io: GraphIo, element: TensorType): void {
  const dataType = dataTypeOf(element.elementType) ?? 'FP32';
  const rank = element.shape === null ? absentRank : element.shape.length + 1;
  const value = draft.setAside(io);
  const fresh = (part: string): string => draft.freshName(`${io.name}/${part}`);
  const [shape, ranks, absentRanks, isAbsent] = [
    fresh('shape'),
    fresh('rank'),
    fresh('absent rank'),
    fresh('is absent'),
  ];
  const type: ValueType = { kind: 'optional', element: { ...element, shape: null } };
  const branch = (name: string, input: readonly string[]) =>
    buildGraph({
      name,
      nodes: [
        buildNode(
          'Optional',
          input,
          [name],
          input.length === 0 ? { type: { type: buildType({ ...element, shape: null }) } } : {},
        ),
      ],
      outputs: [buildValueInfo(name, type)],
    });
  draft.addConstant(buildIntegers(absentRanks, [rank]));
  draft.add(
    buildNode('Shape', [io.name], [shape]),
    buildNode('Size', [shape], [ranks]),
    buildNode('Equal', [ranks, absentRanks], [isAbsent]),
    buildNode('If', [isAbsent], [value], {
      then_branch: { graph: branch(fresh('absent'), []) },
      else_branch: { graph: branch(fresh('present'), [io.name]) },
    }),
  );
  draft.replaceInput(io, [
    {
      name: io.name,
      description: io.description,
      type: element,
      anyShape: true,
      defaultValue: { dataType, shape: new Array<number>(rank).fill(0), data: allocate(dataType, 0) },
    },
  ]);
  draft.note(`input "${io.name}": the optional tensor is an input that a request may leave out`);
}

function takeAlways(draft: GraphDraft, io: GraphIo, element: ValueType): void {
  const value = draft.setAside(io);
  draft.add(buildNode('Optional', [io.name], [value]));
  draft.replaceInput(io, [{ name: io.name, description: io.description, type: element }]);
  draft.note(`input "${io.name}": the optional sequence has to be given`);
}

/** An optional output is served as its value, empty where there is none, and a second output that says which. */
export function giveOptionals(draft: GraphDraft): void {
  if (draft.opset < firstOpset) return;
  for (const io of draft.computedOutputs()) {
    if (io.type.kind === 'optional') giveOptional(draft, io, io.type.element);
  }
}

function giveOptional(draft: GraphDraft, io: GraphIo, element: ValueType): void {
  const content = element.kind === 'sequence' ? element.element : element;
  if (content.kind !== 'tensor') return;
  const value = draft.setAside(io);
  const present = draft.freshName(`${io.name}_present`);
  const some = draft.freshName(`${io.name}/value`);
  const none = draft.freshName(`${io.name}/no value`);
  const type = withoutSizes(element);
  const elementType = content.elementType;
  const noValue =
    type.kind === 'tensor'
      ? {
          nodes: [],
          initializers: [
            buildEmpty(
              none,
              elementType,
              (type.shape ?? [null]).map(() => 0),
            ),
          ],
        }
      : { nodes: [buildNode('SequenceEmpty', [], [none], { dtype: { int: elementType } })] };
  const someValue = { nodes: [buildNode('OptionalGetElement', [value], [some])] };
  const branch = (name: string, parts: object) =>
    buildGraph({ name, nodes: [], ...parts, outputs: [buildValueInfo(name, type)] });
  draft.add(
    buildNode('OptionalHasElement', [value], [present]),
    buildNode('If', [present], [io.name], {
      then_branch: { graph: branch(some, someValue) },
      else_branch: { graph: branch(none, noValue) },
    }),
  );
  draft.replaceOutput(io, [
    { name: io.name, description: io.description, type },
    {
      name: present,
      description: `whether "${io.name}" has a value`,
      type: { kind: 'tensor', elementType: ElementType.BOOL, shape: [] },
    },
  ]);
  draft.note(`output "${io.name}": the optional value is served as it is, or empty, with "${present}" to tell which`);
}

/** Any size of the same rank: an empty value has sizes of 0. A scalar has no empty value of its rank. */
function withoutSizes(type: ValueType): ValueType {
  if (type.kind !== 'tensor') return type;
  return { ...type, shape: type.shape === null || type.shape.length === 0 ? null : type.shape.map(() => null) };
}
