import type { NodeOutline } from '../model-outline.js';
import type { PartReader } from '../part-reader.js';
import type { GraphDraft } from './graph-draft.js';
import { upgradeNode } from './upgrade-node.js';
import { ValueRanks } from './value-ranks.js';

/** The engine has every standard operator as it was in this operator set, or as it has been since before. */
const completeSince = 7;

/** What a file means that imports no operator set: those of the time before they were numbered. */
const unnumbered = 1;

/** The first operator set from which on the engine has an operator, where that is not the first of all. */
const availableSince: ReadonlyMap<string, number> = new Map([
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'Less'].map(since(7)),
  ...['PRelu', 'Gemm', 'BatchNormalization', 'Dropout', 'AveragePool', 'GRU', 'LSTM', 'RNN', 'Upsample'].map(since(7)),
  ...['Abs', 'Ceil', 'Clip', 'Elu', 'Exp', 'Floor', 'HardSigmoid', 'InstanceNormalization', 'LeakyRelu'].map(since(6)),
  ...['Log', 'Max', 'Mean', 'Min', 'Neg', 'Reciprocal', 'Relu', 'Selu', 'Sigmoid', 'Sqrt', 'Sum', 'Tanh'].map(since(6)),
  ...['Cast', 'Tile'].map(since(6)),
  ...['Concat'].map(since(4)),
  ...['Pad', 'Split', 'LpPool', 'GlobalLpPool'].map(since(2)),
]);

function since(opset: number): (operator: string) => readonly [string, number] {
  return (operator) => [operator, opset];
}

/** Rewrites a graph of an operator set before 7 in the operators of 7, where the engine lacks one that it uses. */
export async function upgradeOldOpset(draft: GraphDraft, parts: PartReader): Promise<void> {
  const { graph, opsets } = draft.file.outline;
  const declared = opsets.get('ai.onnx');
  const opset = declared ?? unnumbered;
  const nodes = graph.nodes.filter(({ domain }) => domain === '' || domain === 'ai.onnx');
  const isLacking = nodes.some(({ operator }) => opset < (availableSince.get(operator) ?? 1));
  if (opset >= completeSince || nodes.length === 0 || nodes.some(hasGraphs) || (declared !== undefined && !isLacking))
    return;
  const ranks = new ValueRanks(graph);
  for (const outline of nodes) {
    ranks.learn(outline);
    if (outline.operator === 'Constant' && declared !== undefined) continue;
    const node = await parts.node(outline);
    if (node === undefined) continue;
    draft.hide(outline.range);
    draft.add(...upgradeNode(node, { draft, ranks }));
  }
  draft.setOpset(completeSince);
  const written = declared === undefined ? 'imports no operator set' : `was written for operator set ${declared}`;
  draft.note(`the graph ${written}; its operators are rewritten as those of operator set ${completeSince}`);
}

const hasGraphs = ({ attributes }: NodeOutline): boolean => attributes.some(({ graphs }) => graphs.length > 0);
