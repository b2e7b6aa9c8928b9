import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { formatValueType, type ValueType } from '../value-type.js';
import type { Edge } from './edge.js';
import { buildGraph, buildIntegers, buildNode, buildValueInfo } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import { isFixed, type TensorType } from './tensor-type.js';

/** `Loop` carries sequences since this operator set; before it, only lists of rows can be put together. */
const loopCarriesSequences = 13;
const axesAreInputs = 18;
const reshapeTakesZeros = 14;

/**
 * A sequence whose elements have one fixed shape is taken as one tensor with an axis more. Other sequences are taken
 * as two: their elements flattened, one after another, and the shape of each.
 */
export function takeSequences(draft: GraphDraft): void {
  for (const edge of draft.inputs) {
    if (edge.type.kind !== 'sequence' || edge.type.element.kind !== 'tensor') continue;
    const element = edge.type.element;
    draft.unbatchable = `input "${edge.name}" is a sequence, whose first axis does not count requests`;
    if (isFixed(element)) takeStacked(draft, edge, element);
    else takeFlattened(draft, edge, element);
  }
}

function takeStacked(draft: GraphDraft, edge: Edge, element: TensorType & { shape: readonly number[] }): void {
  const sequence = draft.setAside(edge);
  draft.add(buildNode('SplitToSequence', [edge.name], [sequence], { axis: { int: 0 }, keepdims: { int: 0 } }));
  const type: ValueType = { ...element, shape: [null, ...element.shape] };
  draft.replaceInput(edge, [{ name: edge.name, description: edge.description, type }]);
  draft.note(`input "${edge.name}": the sequence is taken as one tensor, its elements along the first axis`);
}

function takeFlattened(draft: GraphDraft, edge: Edge, element: TensorType): void {
  const rank = element.shape?.length ?? (draft.opset < loopCarriesSequences ? 1 : null);
  if (rank !== 1 && draft.opset < loopCarriesSequences) return;
  const sequence = draft.setAside(edge);
  const shapes = draft.freshName(`${edge.name}_shapes`);
  const lengths = draft.freshName(`${edge.name}/lengths`);
  const pieces = rank === 1 ? sequence : draft.freshName(`${edge.name}/pieces`);
  draft.add(
    lengthsOf(draft, shapes, lengths, edge.name),
    buildNode('SplitToSequence', [edge.name, lengths], [pieces], { axis: { int: 0 } }),
  );
  if (pieces !== sequence) reshapePieces(draft, { edge: edge.name, element, pieces, shapes, sequence });
  draft.replaceInput(edge, [
    { name: edge.name, description: edge.description, type: { ...element, shape: [`elements of ${edge.name}`] } },
    {
      name: shapes,
      description: `the shape of each element of "${edge.name}"`,
      type: { kind: 'tensor', elementType: ElementType.INT64, shape: [`length of ${edge.name}`, rank] },
    },
  ]);
  draft.note(
    `input "${edge.name}": ${formatValueType(edge.type)} is taken as its elements flattened, one after another, ` +
      `with the shape of each in "${shapes}"`,
  );
}

/** How many numbers each element has. */
function lengthsOf(draft: GraphDraft, shapes: string, lengths: string, base: string) {
  if (draft.opset < axesAreInputs) {
    return buildNode('ReduceProd', [shapes], [lengths], { axes: { ints: [1] }, keepdims: { int: 0 } });
  }
  const axes = draft.addConstant(buildIntegers(draft.freshName(`${base}/axes`), [1], [1]));
  return buildNode('ReduceProd', [shapes, axes], [lengths], { keepdims: { int: 0 } });
}

interface Pieces {
  readonly edge: string;
  readonly element: TensorType;
  readonly pieces: string;
  readonly shapes: string;
  readonly sequence: string;
}

/** Gives each piece its shape, in a loop that collects them into a sequence. */
function reshapePieces(draft: GraphDraft, { edge, element, pieces, shapes, sequence }: Pieces): void {
  const fresh = (part: string): string => draft.freshName(`${edge}/${part}`);
  const [count, empty, index, go, goOn, before, after] = [
    fresh('count'),
    fresh('empty'),
    fresh('index'),
    fresh('go'),
    fresh('go on'),
    fresh('before'),
    fresh('after'),
  ];
  const [piece, shape, shaped] = [fresh('piece'), fresh('shape'), fresh('element')];
  const type: ValueType = { kind: 'sequence', element: { ...element, shape: null } };
  const flag: ValueType = { kind: 'tensor', elementType: ElementType.BOOL, shape: [] };
  const body = buildGraph({
    name: fresh('loop'),
    nodes: [
      buildNode('Identity', [go], [goOn]),
      buildNode('SequenceAt', [pieces, index], [piece]),
      buildNode('Gather', [shapes, index], [shape], { axis: { int: 0 } }),
      buildNode('Reshape', [piece, shape], [shaped], draft.opset < reshapeTakesZeros ? {} : { allowzero: { int: 1 } }),
      buildNode('SequenceInsert', [before, shaped], [after]),
    ],
    inputs: [
      buildValueInfo(index, { kind: 'tensor', elementType: ElementType.INT64, shape: [] }),
      buildValueInfo(go, flag),
      buildValueInfo(before, type),
    ],
    outputs: [buildValueInfo(goOn, flag), buildValueInfo(after, type)],
  });
  draft.add(
    buildNode('SequenceLength', [pieces], [count]),
    buildNode('SequenceEmpty', [], [empty], { dtype: { int: element.elementType } }),
    buildNode('Loop', [count, '', empty], [sequence], { body: { graph: body } }),
  );
}
