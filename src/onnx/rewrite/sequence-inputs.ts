import { TensorProto_DataType as ElementType } from '../schema/onnx_pb.js';
import { formatValueType, isFixed, type TensorType, type ValueType } from '../value-type.js';
import { buildGraph, buildIntegers, buildNode, buildValueInfo } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';
import type { GraphIo } from './graph-io.js';

/** `Loop` carries sequences since this operator set; before it, only lists of rows can be put together. */
const loopCarriesSequences = 13;
const axesAreInputs = 18;
const reshapeTakesZeros = 14;

/**
 * A sequence whose elements have one fixed shape is taken as one tensor with an axis more. Other sequences are taken
 * as two: their elements flattened, one after another, and the shape of each.
 */
export function takeSequences(draft: GraphDraft): void {
  for (const io of draft.inputs) {
    if (io.type.kind !== 'sequence' || io.type.element.kind !== 'tensor') continue;
    const element = io.type.element;
    draft.unbatchable = `input "${io.name}" is a sequence, whose first axis does not count requests`;
    if (isFixed(element)) takeStacked(draft, io, element);
    else takeFlattened(draft, io, element);
  }
}

function takeStacked(draft: GraphDraft, io: GraphIo, element: TensorType & { shape: readonly number[] }): void {
  const sequence = draft.setAside(io);
  draft.add(buildNode('SplitToSequence', [io.name], [sequence], { axis: { int: 0 }, keepdims: { int: 0 } }));
  const type: ValueType = { ...element, shape: [null, ...element.shape] };
  draft.replaceInput(io, [{ name: io.name, description: io.description, type }]);
  draft.note(`input "${io.name}": the sequence is taken as one tensor, its elements along the first axis`);
}

function takeFlattened(draft: GraphDraft, io: GraphIo, element: TensorType): void {
  const rank = element.shape?.length ?? (draft.opset < loopCarriesSequences ? 1 : null);
  if (rank !== 1 && draft.opset < loopCarriesSequences) return;
  const sequence = draft.setAside(io);
  const shapes = draft.freshName(`${io.name}_shapes`);
  const lengths = draft.freshName(`${io.name}/lengths`);
  const splits = rank === 1 ? sequence : draft.freshName(`${io.name}/splits`);
  draft.add(
    lengthsOf(draft, shapes, lengths, io.name),
    buildNode('SplitToSequence', [io.name, lengths], [splits], { axis: { int: 0 } }),
  );
  if (splits !== sequence) reshapeSplits(draft, { io: io.name, element, splits, shapes, sequence });
  draft.replaceInput(io, [
    { name: io.name, description: io.description, type: { ...element, shape: [`elements of ${io.name}`] } },
    {
      name: shapes,
      description: `the shape of each element of "${io.name}"`,
      type: { kind: 'tensor', elementType: ElementType.INT64, shape: [`length of ${io.name}`, rank] },
    },
  ]);
  draft.note(
    `input "${io.name}": ${formatValueType(io.type)} is taken as its elements flattened, one after another, ` +
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

interface Splits {
  readonly io: string;
  readonly element: TensorType;
  readonly splits: string;
  readonly shapes: string;
  readonly sequence: string;
}

/** Gives each split its shape, in a loop that collects them into a sequence. */
function reshapeSplits(draft: GraphDraft, { io, element, splits, shapes, sequence }: Splits): void {
  const fresh = (part: string): string => draft.freshName(`${io}/${part}`);
  const [count, empty, index, go, goOn, before, after] = [
    fresh('count'),
    fresh('empty'),
    fresh('index'),
    fresh('go'),
    fresh('go on'),
    fresh('before'),
    fresh('after'),
  ];
  const [split, shape, shaped] = [fresh('split'), fresh('shape'), fresh('element')];
  const type: ValueType = { kind: 'sequence', element: { ...element, shape: null } };
  const flag: ValueType = { kind: 'tensor', elementType: ElementType.BOOL, shape: [] };
  const body = buildGraph({
    name: fresh('loop'),
    nodes: [
      buildNode('Identity', [go], [goOn]),
      buildNode('SequenceAt', [splits, index], [split]),
      buildNode('Gather', [shapes, index], [shape], { axis: { int: 0 } }),
      buildNode('Reshape', [split, shape], [shaped], draft.opset < reshapeTakesZeros ? {} : { allowzero: { int: 1 } }),
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
    buildNode('SequenceLength', [splits], [count]),
    buildNode('SequenceEmpty', [], [empty], { dtype: { int: element.elementType } }),
    buildNode('Loop', [count, '', empty], [sequence], { body: { graph: body } }),
  );
}
