import { invalidArgument } from '../../core/serving-error.js';
import { listed } from '../../core/short-text.js';
import { type NodeOutline, visitGraphs } from '../model-outline.js';
import type { GraphDraft } from './graph-draft.js';

/** The last operator set that the engine has schemas of; it rejects every operator of a later one. */
export const newestOfEngine = 27;
/** Up to this set, what changed after `newestOfEngine` is listed here: 28 as drafted for ONNX 1.23, and 29 after it. */
const newestLowered = 29;

/** Operators that came after `newestOfEngine`. Celu of set 28 means the same, for more types, which the engine rejects by name. */
const newerThanEngine: ReadonlySet<string> = new Set(['SwiGLU']);
/** Defined in the last sets and defined anew again and again: set 28 has them as they were, 29 need not. */
const unsteady: ReadonlySet<string> = new Set([
  ...['Attention', 'BitCast', 'CausalConvWithState', 'CumProd', 'LinearAttention', 'RMSNormalization'],
  ...['RotaryEmbedding', 'Swish', 'TensorScatter'],
]);
const lastSteady = 28;

/** Up to this operator set the engine has the operators that it lacks in later ones. */
const lowered = 21;

/** Defined anew in operator set 22, for bfloat16 alone, and not taken up by the engine since. */
const lackingSince22: ReadonlySet<string> = new Set([
  ...['Bernoulli', 'GlobalLpPool', 'MaxRoiPool', 'RandomNormal', 'RandomNormalLike', 'RandomUniform'],
  ...['RandomUniformLike', 'RoiAlign'],
]);

/** Attributes that came after `lowered`, as all unsteady operators did; all others mean the same in both. */
const newerAttributes: ReadonlySet<string> = new Set(['precision', 'round_mode']);

/**
 * Declares a graph to be of an older operator set, where the engine then has an operator that it lacks otherwise.
 * Throws INVALID_ARGUMENT that names the operators which are too new.
 */
export function lowerNewerOpset(draft: GraphDraft): void {
  const { functions, graph } = draft.file.outline;
  if (draft.opset <= lowered || draft.opset > newestLowered || functions.length > 0) return;
  const nodes: NodeOutline[] = [];
  visitGraphs(graph, (inner) =>
    nodes.push(...inner.nodes.filter(({ domain }) => domain === '' || domain === 'ai.onnx')),
  );
  if (draft.opset > newestOfEngine) lowerToNewest(draft, nodes);
  const lacking = new Set(nodes.map(({ operator }) => operator).filter((operator) => lackingSince22.has(operator)));
  if (lacking.size === 0 || nodes.some(isNewer)) return;
  draft.note(
    `the engine has ${[...lacking].join(', ')} of operator set ${lowered} only, which means the same as that of ` +
      `${draft.opset}: the graph is loaded as one of ${lowered}`,
  );
  draft.setOpset(lowered);
}

function lowerToNewest(draft: GraphDraft, nodes: readonly NodeOutline[]): void {
  const isTooNew = (operator: string): boolean =>
    newerThanEngine.has(operator) || (draft.opset > lastSteady && unsteady.has(operator));
  const tooNew = [...new Set(nodes.map(({ operator }) => operator))].filter(isTooNew);
  if (tooNew.length > 0) {
    throw invalidArgument(
      `it uses ${listed(tooNew)} of operator set ${draft.opset}, and the engine knows operator sets up to ` +
        `${newestOfEngine}; export the model for operator set ${newestOfEngine}`,
    );
  }
  draft.note(
    `the engine knows operator sets up to ${newestOfEngine}, in which the operators of this graph mean the same as in ` +
      `${draft.opset}: it is loaded as one of ${newestOfEngine}`,
  );
  draft.setOpset(newestOfEngine);
}

const isNewer = ({ operator, attributes }: NodeOutline): boolean =>
  unsteady.has(operator) || attributes.some(({ name }) => newerAttributes.has(name));
