import { elementTypes, oneOf, type RowGraph, uniform, whole } from '../row-graph.js';
import { independent } from '../row-kind.js';

const ml = 'ai.onnx.ml';
const features = 4;
const depth = 3;
const splits = 2 ** depth - 1;
const nodes = 2 ** (depth + 1) - 1;

/** Full trees, numbered row by row: the children of i are 2i + 1 and 2i + 2. */
function treeNodes(trees: number, random: { next(): number; integer(limit: number): number }) {
  const all = Array.from({ length: trees * nodes }, (_, at) => ({ tree: Math.floor(at / nodes), node: at % nodes }));
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

const leavesOf = (trees: number): { readonly tree: number; readonly node: number }[] =>
  Array.from({ length: trees }, (_, tree) =>
    Array.from({ length: nodes - splits }, (__, leaf) => ({ tree, node: splits + leaf })),
  ).flat();

const words = ['red', 'green', 'blue', 'black', 'white'];

/** The label that a text stands for, 0 for those that nobody knows. */
const encoded = (graph: RowGraph, x: string): string =>
  graph.node('LabelEncoder', [x], {
    domain: ml,
    attributes: { keys_strings: words, values_int64s: { ints: [1, 2, 3, 4, 5] }, default_int64: 0 },
  });

/** Pipelines as scikit-learn's converter writes them. */
export const independentTables = independent({
  'forest-with-labels': (graph, random) => {
    const trees = 3 + random.integer(5);
    const leaves = leavesOf(trees);
    graph.node('TreeEnsembleClassifier', [graph.floatRows([features], 1)], {
      domain: ml,
      outputs: ['best', 'shares'],
      attributes: {
        ...treeNodes(trees, random),
        class_treeids: { ints: leaves.flatMap(({ tree }) => [tree, tree, tree]) },
        class_nodeids: { ints: leaves.flatMap(({ node }) => [node, node, node]) },
        class_ids: { ints: leaves.flatMap(() => [0, 1, 2]) },
        class_weights: { floats: leaves.flatMap(() => [random.next(), random.next(), random.next()]) },
        classlabels_strings: ['ill', 'well', 'unknown'],
        post_transform: 'NONE',
      },
    });
    graph.gives('best', 'BYTES', ['batch'], 'label');
    graph.gives('shares', 'FP32', ['batch', 3], 'probabilities');
  },
  'boosted-regression': (graph, random) => {
    const trees = 4;
    const leaves = leavesOf(trees);
    const sum = graph.node('TreeEnsembleRegressor', [graph.floatRows([features], 1)], {
      domain: ml,
      attributes: {
        ...treeNodes(trees, random),
        target_treeids: { ints: leaves.map(({ tree }) => tree) },
        target_nodeids: { ints: leaves.map(({ node }) => node) },
        target_ids: { ints: leaves.map(() => 0) },
        target_weights: { floats: leaves.map(() => random.next()) },
        n_targets: 1,
      },
    });
    graph.gives(sum, 'FP32', ['batch', 1]);
  },
  'logistic-regression': (graph, random) => {
    graph.node('LinearClassifier', [graph.floatRows([3], 2)], {
      domain: ml,
      outputs: ['best', 'scores'],
      attributes: {
        coefficients: { floats: Array.from({ length: 6 }, () => 2 * random.next() - 1) },
        intercepts: { floats: [0.1, -0.1] },
        classlabels_ints: { ints: [0, 1] },
        multi_class: 1,
        post_transform: 'SOFTMAX',
      },
    });
    graph.gives('best', 'INT64', ['batch'], 'label');
    graph.gives('scores', 'FP32', ['batch', 2], 'probabilities');
  },
  scaled: (graph) => {
    const scaled = graph.node('Scaler', [graph.floatRows([3], 100)], {
      domain: ml,
      attributes: { offset: { floats: [1, 20, -3] }, scale: { floats: [0.1, 0.01, 2] } },
    });
    graph.gives(graph.node('Normalizer', [scaled], { domain: ml, attributes: { norm: 'L2' } }), 'FP32', ['batch', 3]);
  },
  imputed: (graph) => {
    const x = graph.takes('x', 'FP32', ['batch', 3], (random) =>
      random.integer(3) === 0 ? Number.NaN : random.next(),
    );
    const attributes = { imputed_value_floats: { floats: [1, 2, 3] }, replaced_value_float: { float: Number.NaN } };
    graph.gives(graph.node('Imputer', [x], { domain: ml, attributes }), 'FP32', ['batch', 3]);
  },
  'one-hot': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch'], whole(7));
    graph.gives(graph.op('OneHot', [x, graph.integers([7], []), graph.floats([0, 1])]), 'FP32', ['batch', 7]);
  },
  'encoded-strings': (graph) => {
    graph.gives(encoded(graph, graph.takes('x', 'BYTES', ['batch', 2], oneOf(words))), 'INT64', ['batch', 2]);
  },
  'columns-of-all-types': (graph) => {
    const colour = graph.op('Cast', [encoded(graph, graph.takes('colour', 'BYTES', ['batch', 1], oneOf(words)))], {
      to: elementTypes.FP32,
    });
    const age = graph.op('Cast', [graph.takes('age', 'INT64', ['batch', 1], whole(90))], { to: elementTypes.FP32 });
    const height = graph.takes('height', 'FP32', ['batch', 1], uniform(2));
    const all = graph.op('Concat', [colour, age, height], { axis: 1 });
    graph.gives(graph.op('Sigmoid', [graph.op('MatMul', [all, graph.weights([3, 2], 0.2)])]), 'FP32', ['batch', 2]);
  },
  'three-inputs': (graph) => {
    const [a, b] = [graph.floatRows([3], 2, 'a'), graph.floatRows([3], 2, 'b')];
    const c = graph.takes('c', 'BOOL', ['batch', 3], whole(2));
    graph.gives(graph.op('Where', [c, a, b]), 'FP32', ['batch', 3]);
  },
  'labels-that-hardly-change': (graph) => {
    const scores = graph.op('Add', [
      graph.op('MatMul', [graph.floatRows([3], 4), graph.weights([3, 3], 1)]),
      graph.floats([3, 0, 0]),
    ]);
    graph.gives(graph.op('ArgMax', [scores], { axis: 1, keepdims: 0 }), 'INT64', ['batch'], 'label');
  },
  'naive-bayes': (graph) => {
    const x = graph.op('Reshape', [graph.floatRows([3], 2), graph.integers([-1, 1, 3])]);
    const far = graph.op('Sub', [x, graph.floats([700, -900, 800, -600, 500, 900], [1, 2, 3])]);
    const sum = graph.op('ReduceSum', [graph.op('Mul', [far, far]), graph.integers([2])], { keepdims: 0 });
    const scores = graph.op('Add', [sum, graph.floats([0, 1e9], [1, 2])]);
    const best = graph.op('ArgMax', [scores], { axis: 1 });
    const found = graph.node('ArrayFeatureExtractor', [graph.integers([5, 7]), best], { domain: ml });
    graph.gives(graph.op('Reshape', [found, graph.integers([-1])]), 'INT64', ['batch'], 'label');
    graph.gives(sum, 'FP32', ['batch', 2], 'distances');
  },
  'outliers-of-a-forest': (graph, random) => {
    const x = graph.op('Gather', [graph.floatRows([features], 1), graph.integers([3, 2, 1, 0])], { axis: 1 });
    const leaves = leavesOf(1);
    const leaf = graph.node('TreeEnsembleRegressor', [x], {
      domain: ml,
      attributes: {
        ...treeNodes(1, random),
        target_treeids: { ints: leaves.map(({ tree }) => tree) },
        target_nodeids: { ints: leaves.map(({ node }) => node) },
        target_ids: { ints: leaves.map(() => 0) },
        target_weights: { floats: leaves.map((_, at) => at) },
        n_targets: 1,
      },
    });
    const score = graph.op('Reshape', [leaf, graph.integers([-1, 1])]);
    const isFar = graph.op('Greater', [score, graph.floats([1000])]);
    graph.gives(graph.op('Cast', [isFar], { to: elementTypes.INT64 }), 'INT64', ['batch', 1], 'label');
    graph.gives(score, 'FP32', ['batch', 1], 'score');
  },
  'columns-of-strings': (graph) => {
    const x = graph.takes('x', 'BYTES', ['batch', 2], oneOf(words));
    const columns = [0, 1].map((column) => {
      const picked = graph.node('ArrayFeatureExtractor', [x, graph.integers([column], [])], { domain: ml });
      return graph.op('Reshape', [encoded(graph, picked), graph.integers([-1, 1])]);
    });
    graph.gives(graph.op('Concat', columns, { axis: 1 }), 'INT64', ['batch', 2]);
  },
  'columns-that-never-change': (graph) => {
    const x = graph.floatRows([3], 2);
    const fixed = graph.op('Add', [graph.op('Mul', [x, graph.scalar(0)]), graph.floats([1, 2, 3])]);
    graph.gives(graph.op('Concat', [x, fixed], { axis: 1 }), 'FP32', ['batch', 6]);
  },
});
