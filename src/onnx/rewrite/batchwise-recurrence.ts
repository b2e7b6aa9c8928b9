import type { PartReader } from '../part-reader.js';
import type { NodeProto } from '../schema/onnx_pb.js';
import { buildNode } from './graph-builders.js';
import type { GraphDraft } from './graph-draft.js';

const recurrent: ReadonlySet<string> = new Set(['GRU', 'LSTM', 'RNN']);

/** From the batch first to the order of axes that the engine computes in: the sequence, and states, before the batch. */
const inputOrders: Readonly<Record<number, readonly number[]>> = { 0: [1, 0, 2], 5: [1, 0, 2], 6: [1, 0, 2] };
/** And back, for each output: all steps, the last one, and the last cell. */
const outputOrders: readonly (readonly number[])[] = [
  [2, 0, 1, 3],
  [1, 0, 2],
  [1, 0, 2],
];

/** The engine has recurrent operators for sequences first only; `layout` 1 has the batch first. */
export async function turnBatchwiseRecurrence(draft: GraphDraft, parts: PartReader): Promise<void> {
  const turned = new Set<string>();
  for (const outline of draft.file.outline.graph.nodes) {
    const { operator, domain, attributes } = outline;
    if (domain !== '' || !recurrent.has(operator) || !attributes.some(({ name }) => name === 'layout')) continue;
    const node = await parts.node(outline);
    if (node === undefined || !node.attribute.some(({ name, i }) => name === 'layout' && i === 1n)) continue;
    draft.hide(outline.range);
    swapAxes(draft, node);
    turned.add(operator);
  }
  if (turned.size > 0) draft.note(`${[...turned].join(', ')} with the batch first is computed with the sequence first`);
}

function swapAxes(draft: GraphDraft, node: NodeProto): void {
  node.attribute = node.attribute.filter(({ name }) => name !== 'layout');
  const transpose = (input: string, output: string, perm: readonly number[]) =>
    draft.add(buildNode('Transpose', [input], [output], { perm: { ints: perm } }));
  node.input = node.input.map((name, at) => {
    const order = inputOrders[at];
    if (name === '' || order === undefined) return name;
    const ordered = draft.freshName(`${name}/sequence first`);
    transpose(name, ordered, order);
    return ordered;
  });
  node.output = node.output.map((name, at) => {
    const order = outputOrders[at];
    if (name === '' || order === undefined) return name;
    const ordered = draft.freshName(`${name}/sequence first`);
    transpose(ordered, name, order);
    return ordered;
  });
  draft.add(node);
}
