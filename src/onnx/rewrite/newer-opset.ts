import { type NodeOutline, visitGraphs } from '../model-outline.js';
import type { GraphDraft } from './graph-draft.js';

/** Up to this operator set the engine has the operators that it lacks in later ones. */
const lowered = 21;
/** Later ones are not known to have changed no more than what is listed here. */
const newestKnown = 26;

/** Defined anew in operator set 22, for bfloat16 alone, and not taken up by the engine since. */
const lackingSince22: ReadonlySet<string> = new Set([
  ...['Bernoulli', 'GlobalLpPool', 'MaxRoiPool', 'RandomNormal', 'RandomNormalLike', 'RandomUniform'],
  ...['RandomUniformLike', 'RoiAlign'],
]);

/** Operators and attributes that came after `lowered`; all others mean the same in both. */
const newerOperators: ReadonlySet<string> = new Set([
  ...['Attention', 'BitCast', 'CumProd', 'RMSNormalization', 'RotaryEmbedding', 'Swish', 'TensorScatter'],
]);
const newerAttributes: ReadonlySet<string> = new Set(['precision', 'round_mode']);

/** Declares a graph to be of an older operator set, where the engine then has an operator that it lacks otherwise. */
export function lowerNewerOpset(draft: GraphDraft): void {
  const { functions, graph } = draft.file.outline;
  if (draft.opset <= lowered || draft.opset > newestKnown || functions.length > 0) return;
  const nodes: NodeOutline[] = [];
  visitGraphs(graph, (inner) =>
    nodes.push(...inner.nodes.filter(({ domain }) => domain === '' || domain === 'ai.onnx')),
  );
  const lacking = new Set(nodes.map(({ operator }) => operator).filter((operator) => lackingSince22.has(operator)));
  if (lacking.size === 0 || nodes.some(isNewer)) return;
  draft.note(
    `the engine has ${[...lacking].join(', ')} of operator set ${lowered} only, which means the same as that of ` +
      `${draft.opset}: the graph is loaded as one of ${lowered}`,
  );
  draft.setOpset(lowered);
}

const isNewer = ({ operator, attributes }: NodeOutline): boolean =>
  newerOperators.has(operator) || attributes.some(({ name }) => newerAttributes.has(name));
