import { Random } from '../../test/support/random.js';
import { ElementType, GraphWriter } from './graph-writer.js';

const trees = 100;
export const features = 30;
const depth = 6;
const splits = 2 ** depth - 1;
const nodes = 2 ** (depth + 1) - 1;

/** A forest of 100 trees over 30 features and two classes, as scikit-learn's converter writes it. */
export function forest(): Uint8Array {
  const graph = new GraphWriter(5);
  const x = graph.input('features', ElementType.FLOAT, ['batch', features]);
  graph.node('TreeEnsembleClassifier', [x], {
    domain: 'ai.onnx.ml',
    outputs: ['label', 'probabilities'],
    attributes: {
      ...splitAttributes(new Random(6)),
      ...leafAttributes(new Random(7)),
      classlabels_int64s: { ints: [0, 1] },
      post_transform: 'NONE',
    },
  });
  graph.output('label', ElementType.INT64, ['batch']);
  graph.output('probabilities', ElementType.FLOAT, ['batch', 2]);
  return graph.finish('forest');
}

/** Each tree is a full one, its nodes numbered row by row: the children of i are 2i + 1 and 2i + 2. */
function splitAttributes(random: Random) {
  const all = Array.from({ length: trees * nodes }, (_, index) => ({
    tree: Math.floor(index / nodes),
    node: index % nodes,
  }));
  const isSplit = (node: number): boolean => node < splits;
  return {
    nodes_treeids: { ints: all.map(({ tree }) => tree) },
    nodes_nodeids: { ints: all.map(({ node }) => node) },
    nodes_featureids: { ints: all.map(({ node }) => (isSplit(node) ? random.integer(features) : 0)) },
    nodes_values: { floats: all.map(({ node }) => (isSplit(node) ? Math.fround(2 * random.next() - 1) : 0)) },
    nodes_modes: all.map(({ node }) => (isSplit(node) ? 'BRANCH_LEQ' : 'LEAF')),
    nodes_truenodeids: { ints: all.map(({ node }) => (isSplit(node) ? 2 * node + 1 : 0)) },
    nodes_falsenodeids: { ints: all.map(({ node }) => (isSplit(node) ? 2 * node + 2 : 0)) },
    nodes_missing_value_tracks_true: { ints: all.map(() => 0) },
  };
}

function leafAttributes(random: Random) {
  const leaves = Array.from({ length: trees }, (_, tree) =>
    Array.from({ length: nodes - splits }, (__, leaf) => ({ tree, node: splits + leaf, share: random.next() })),
  ).flat();
  return {
    class_treeids: { ints: leaves.flatMap(({ tree }) => [tree, tree]) },
    class_nodeids: { ints: leaves.flatMap(({ node }) => [node, node]) },
    class_ids: { ints: leaves.flatMap(() => [0, 1]) },
    class_weights: { floats: leaves.flatMap(({ share }) => [share / trees, (1 - share) / trees]) },
  };
}
