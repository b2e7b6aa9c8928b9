import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { formatValueType, isFixed, type TensorType, type ValueType } from '../value-type.js';
import { buildEmpty, buildGraph, buildIntegers, buildNode, buildValueInfo } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/** The operators of sequences came with this operator set. */
const firstOpset = 11;

/**
 * A sequence whose elements have one fixed shape is served as one tensor with an axis more. Other sequences are
 * served as two: their elements flattened, one after another, and the shape of each (all of one rank).
 */
export function giveSequences(draft: GraphDraft): void {
  if (draft.opset < firstOpset) return;
  for (const io of draft.computedOutputs()) {
    if (io.type.kind !== 'sequence' || io.type.element.kind !== 'tensor') continue;
    const element = io.type.element;
    draft.unbatchable = `output "${io.name}" is a sequence, whose first axis does not count requests`;
    if (isFixed(element)) giveStacked(draft, io, element);
    else giveFlattened(draft, io, element);
  }
}

/** Concatenation needs an element, so that an empty sequence takes a way of its own. */
function giveStacked(draft: GraphDraft, io: GraphIo, element: TensorType & { shape: readonly number[] }): void {
  const fresh = (part: string): string => draft.freshName(`${io.name}/${part}`);
  const sequence = draft.setAside(io);
  const [count, isFilled, stacked, nothing] = [fresh('count'), fresh('is filled'), fresh('stacked'), fresh('nothing')];
  const type: TensorType = { ...element, shape: [null, ...element.shape] };
  const stack = buildNode('ConcatFromSequence', [sequence], [stacked], { axis: { int: 0 }, new_axis: { int: 1 } });
  draft.add(
    buildNode('SequenceLength', [sequence], [count]),
    buildNode('Cast', [count], [isFilled], { to: { int: ElementType.BOOL } }),
    buildNode('If', [isFilled], [io.name], {
      then_branch: { graph: buildGraph({ name: stacked, nodes: [stack], outputs: [buildValueInfo(stacked, type)] }) },
      else_branch: {
        graph: buildGraph({
          name: nothing,
          nodes: [],
          outputs: [buildValueInfo(nothing, type)],
          initializers: [buildEmpty(nothing, element.elementType, [0, ...element.shape])],
        }),
      },
    }),
  );
  draft.replaceOutput(io, [{ name: io.name, description: io.description, type }]);
  draft.note(`output "${io.name}": the sequence is served as one tensor, its elements along the first axis`);
}

function giveFlattened(draft: GraphDraft, io: GraphIo, element: TensorType): void {
  const fresh = (part: string): string => draft.freshName(`${io.name}/${part}`);
  const sequence = draft.setAside(io);
  const shapes = draft.freshName(`${io.name}_shapes`);
  const [count, index, go, goOn, before, after] = [
    fresh('count'),
    fresh('index'),
    fresh('go'),
    fresh('go on'),
    fresh('before'),
    fresh('after'),
  ];
  const [item, row, shape] = [fresh('element'), fresh('row'), fresh('shape')];
  const rowOf = draft.addConstant(buildIntegers(fresh('any length'), [-1], [1]));
  const empty = draft.addConstant(buildEmpty(fresh('empty'), element.elementType, [0]));
  const flat: ValueType = { kind: 'tensor', elementType: element.elementType, shape: [null] };
  const flag: ValueType = { kind: 'tensor', elementType: ElementType.BOOL, shape: [] };
  const sizes: ValueType = { kind: 'tensor', elementType: ElementType.INT64, shape: [null] };
  const body = buildGraph({
    name: fresh('loop'),
    nodes: [
      buildNode('Identity', [go], [goOn]),
      buildNode('SequenceAt', [sequence, index], [item]),
      buildNode('Shape', [item], [shape]),
      buildNode('Reshape', [item, rowOf], [row]),
      buildNode('Concat', [before, row], [after], { axis: { int: 0 } }),
    ],
    inputs: [
      buildValueInfo(index, { kind: 'tensor', elementType: ElementType.INT64, shape: [] }),
      buildValueInfo(go, flag),
      buildValueInfo(before, flat),
    ],
    outputs: [buildValueInfo(goOn, flag), buildValueInfo(after, flat), buildValueInfo(shape, sizes)],
  });
  const loop = buildNode('Loop', [count, '', empty], [io.name, shapes], { body: { graph: body } });
  // The engine's words for elements of different ranks are about the shapes; this stands before them.
  loop.name = `output "${io.name}" is a sequence whose elements need one number of axes`;
  draft.add(buildNode('SequenceLength', [sequence], [count]), loop);
  draft.replaceOutput(io, [
    { name: io.name, description: io.description, type: { ...flat, shape: [`elements of ${io.name}`] } },
    {
      name: shapes,
      description: `the shape of each element of "${io.name}"`,
      type: {
        kind: 'tensor',
        elementType: ElementType.INT64,
        shape: [`length of ${io.name}`, element.shape?.length ?? null],
      },
    },
  ]);
  draft.note(
    `output "${io.name}": ${formatValueType(io.type)} is served as its elements flattened, one after another, ` +
      `with the shape of each in "${shapes}"`,
  );
}
