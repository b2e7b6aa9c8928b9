import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import type { RowFacts } from '../../src/core/model-source.js';
import { Workbench } from './prepared.js';

const workbench = new Workbench();
const { FLOAT, INT64, BOOL, STRING } = ElementType;

/** What is told of a graph whose output is what the function makes of `x` [n, 4] and `ids` [n, 3]. */
async function facts(make: (graph: GraphWriter) => string): Promise<RowFacts> {
  const graph = new GraphWriter(1);
  graph.input('x', FLOAT, ['n', 4]);
  graph.input('ids', INT64, ['n', 3]);
  graph.input('most', INT64, [1]);
  graph.input('words', STRING, ['n']);
  graph.node('Identity', [make(graph)], { outputs: ['y'] });
  graph.output('y', FLOAT, ['a', 'b']);
  const prepared = await workbench.prepareFile('facts', graph.finish('facts'));
  return prepared.rowFacts as RowFacts;
}

const problemOf = async (make: (graph: GraphWriter) => string): Promise<string | undefined> =>
  (await facts(make)).problems.get('y');

const total = (graph: GraphWriter): string => graph.node('ReduceMax', ['ids'], { attributes: { keepdims: 0 } });
const asVector = (graph: GraphWriter, scalar: string): string => graph.node('Reshape', [scalar, graph.integers([1])]);
const rows = (graph: GraphWriter): string =>
  graph.node('Gather', [graph.node('Shape', ['x']), graph.integers([0])], { attributes: { axis: 0 } });

describe('a size that follows from values', () => {
  const graphs: Readonly<Record<string, (graph: GraphWriter) => string>> = {
    NonZero: (graph) => graph.node('Cast', [graph.node('NonZero', ['x'])], { attributes: { to: FLOAT } }),
    Compress: (graph) =>
      graph.node('Compress', ['x', graph.node('Greater', ['words', 'words'])], { attributes: { axis: 0 } }),
    TopK: (graph) => graph.node('TopK', ['x', asVector(graph, total(graph))], { outputs: ['values', 'places'] }),
    Slice: (graph) =>
      graph.node('Slice', ['x', graph.integers([0]), asVector(graph, total(graph)), graph.integers([1])]),
    Range: (graph) => graph.node('Range', [graph.integers([0], []), total(graph), graph.integers([1], [])]),
    Expand: (graph) =>
      graph.node('Expand', [
        'x',
        graph.node('Concat', [rows(graph), asVector(graph, total(graph))], { attributes: { axis: 0 } }),
      ]),
    Unique: (graph) => graph.node('Unique', ['ids'], { outputs: ['unique'] }),
  };
  for (const [operator, make] of Object.entries(graphs)) {
    test(`is told, with ${operator} that makes it`, async () => {
      assert.equal(
        await problemOf(make),
        `the size of output "y" follows from values, by ${operator}, not from the number of rows`,
      );
    });
  }

  test('is told where it is passed on, also as a number', async () => {
    const counted = await problemOf((graph) => {
      const count = graph.node('Gather', [graph.node('Shape', [graph.node('NonZero', ['x'])]), graph.integers([1])]);
      return graph.node('Expand', [graph.floats([1]), count]);
    });
    assert.match(counted ?? '', /by Expand/);
  });
});

describe('nothing is said of', () => {
  const graphs: Readonly<Record<string, (graph: GraphWriter) => string>> = {
    'sizes that follow from sizes': (graph) =>
      graph.node('Reshape', [
        'x',
        graph.node('Concat', [rows(graph), graph.integers([2, 2])], { attributes: { axis: 0 } }),
      ]),
    'sizes that one parameter of the whole request decides': (graph) =>
      graph.node('TopK', ['x', 'most'], { outputs: ['values', 'places'] }),
    'places that are written to': (graph) => {
      const places = graph.node('Transpose', [graph.node('NonZero', ['x'])], {
        attributes: { perm: { ints: [1, 0] } },
      });
      return graph.node('ScatterND', ['x', places, graph.node('GatherND', ['x', places])]);
    },
  };
  for (const [what, make] of Object.entries(graphs)) {
    test(what, async () => {
      assert.equal(await problemOf(make), undefined);
    });
  }
});

describe('rows that reach each other for certain', () => {
  test('in one scale for all', async () => {
    const problem = await problemOf((graph) => {
      graph.node('DynamicQuantizeLinear', ['x'], { outputs: ['q', 'scale', 'zero'] });
      return graph.node('DequantizeLinear', ['q', 'scale', 'zero']);
    });
    assert.equal(problem, 'output "y" comes through DynamicQuantizeLinear, which looks at all rows of a run');
  });

  const loop = (graph: GraphWriter, condition: (body: GraphWriter) => string): string => {
    const body = graph.body();
    body.input('step', INT64, []);
    body.input('go_on', BOOL, []);
    body.input('state', FLOAT, ['n', 4]);
    body.node('Add', ['state', 'x'], { outputs: ['next'] });
    body.node('Identity', [condition(body)], { outputs: ['again'] });
    body.output('again', BOOL, []);
    body.output('next', FLOAT, ['n', 4]);
    const attributes = { body: { graph: body } };
    return graph.node('Loop', [graph.integers([3], []), '', 'x'], { attributes, outputs: ['last'] });
  };

  test('in a loop that ends when all say so', async () => {
    const problem = await problemOf((graph) =>
      loop(graph, (body) =>
        body.node('Greater', [body.node('ReduceMax', ['next'], { attributes: { keepdims: 0 } }), body.floats([0], [])]),
      ),
    );
    assert.equal(problem, 'output "y" comes from a Loop that ends as the values of all rows say');
  });

  test('but not in one that runs as often as is fixed', async () => {
    assert.equal(await problemOf((graph) => loop(graph, () => 'go_on')), undefined);
  });
});

const extracted = (graph: GraphWriter, from: string, columns: string): string =>
  graph.node('ArrayFeatureExtractor', [from, columns], { domain: 'ai.onnx.ml' });

const forest = (graph: GraphWriter, x: string): string =>
  graph.node('TreeEnsembleRegressor', [x], {
    domain: 'ai.onnx.ml',
    attributes: {
      ...{ nodes_treeids: { ints: [0] }, nodes_nodeids: { ints: [0] }, nodes_featureids: { ints: [0] } },
      ...{ nodes_values: { floats: [0] }, nodes_modes: ['LEAF'], n_targets: 1 },
      ...{ nodes_truenodeids: { ints: [0] }, nodes_falsenodeids: { ints: [0] } },
      ...{ target_treeids: { ints: [0] }, target_nodeids: { ints: [0] }, target_ids: { ints: [0] } },
      target_weights: { floats: [1] },
    },
  });

describe('an output is known', () => {
  test('to be the same for all rows', async () => {
    assert.deepEqual([...(await facts((graph) => graph.node('Exp', [graph.floats([1, 2])]))).constants], ['y']);
  });

  test('to be computed row by row', async () => {
    const encoded = await facts((graph) =>
      graph.node('LabelEncoder', ['words'], {
        domain: 'ai.onnx.ml',
        attributes: { keys_strings: ['a', 'b'], values_floats: { floats: [1, 2] } },
      }),
    );
    assert.deepEqual([...encoded.rowwise], ['y']);
  });

  for (const [what, make] of Object.entries({
    'are laid out anew, and reduced': (graph: GraphWriter) => {
      const shaped = graph.node('Reshape', ['x', graph.integers([-1, 2, 2])]);
      const moved = graph.node('Sub', [shaped, graph.weights([1, 2, 2], 1)]);
      return graph.node('ReduceSum', [moved, graph.integers([2])], { attributes: { keepdims: 0 } });
    },
    'are picked from a list by the best column': (graph: GraphWriter) => {
      const best = graph.node('ArgMax', ['x'], { attributes: { axis: 1 } });
      const found = extracted(graph, graph.integers([4, 5, 6, 7]), best);
      return graph.node('Reshape', [graph.node('Cast', [found], { attributes: { to: FLOAT } }), graph.integers([-1])]);
    },
    'are columns side by side': (graph: GraphWriter) =>
      graph.node('Concat', [extracted(graph, 'x', graph.integers([1], [])), 'x'], { attributes: { axis: -1 } }),
    'are looked up': (graph: GraphWriter) => graph.node('Gather', [graph.weights([9, 2], 1), 'ids']),
    'are columns in another order': (graph: GraphWriter) =>
      graph.node('Gather', ['x', graph.integers([3, 0])], { attributes: { axis: 1 } }),
    'are what a forest says of them': (graph: GraphWriter) => {
      const sums = forest(graph, 'x');
      return graph.node('Reshape', [sums, graph.integers([-1])]);
    },
    'gain an axis and lose it': (graph: GraphWriter) =>
      graph.node('Squeeze', [graph.node('Unsqueeze', ['x', graph.integers([1])]), graph.integers([-2])]),
  })) {
    test(`to be, where its rows ${what}`, async () => {
      assert.deepEqual([...(await facts(make)).rowwise], ['y']);
    });
  }

  for (const [what, make] of Object.entries({
    'lays rows out in others': (graph: GraphWriter) => graph.node('Reshape', ['x', graph.integers([-1, 8])]),
    'lays rows out in one': (graph: GraphWriter) => graph.node('Reshape', ['x', graph.integers([1, -1])]),
    'lays rows of unknown size out': (graph: GraphWriter) =>
      graph.node('Reshape', [graph.node('Gemm', ['x', graph.weights([4, 2], 1)]), graph.integers([-1, 4])]),
    'keeps a list of what was picked': (graph: GraphWriter) =>
      extracted(graph, graph.integers([4, 5, 6, 7]), graph.node('ArgMax', ['x'], { attributes: { axis: 1 } })),
    'reduces such a list': (graph: GraphWriter) => {
      const best = graph.node('ArgMax', ['x'], { attributes: { axis: 1 } });
      const found = extracted(graph, graph.floats([4, 5, 6, 7]), best);
      return graph.node('Softmax', [found], { attributes: { axis: 1 } });
    },
    'puts rows below others': (graph: GraphWriter) => graph.node('Concat', ['x', 'x'], { attributes: { axis: 0 } }),
    'gathers rows': (graph: GraphWriter) => graph.node('Gather', ['x', graph.integers([0])]),
    'gathers rows from the end': (graph: GraphWriter) =>
      graph.node('Gather', ['x', graph.integers([0])], { attributes: { axis: -2 } }),
    'reduces everything': (graph: GraphWriter) => graph.node('ReduceMax', ['x']),
    'reduces rows, counted from the end': (graph: GraphWriter) => graph.node('ReduceSum', ['x', graph.integers([-2])]),
    'reduces axes that a caller may choose': (graph: GraphWriter) => {
      graph.input('axes', INT64, [1]);
      return graph.node('ReduceSum', ['x', graph.node('Identity', ['axes'])]);
    },
    'turns rows into columns': (graph: GraphWriter) =>
      graph.node('Transpose', ['x'], { attributes: { perm: { ints: [1, 0] } } }),
    'takes one axis for the columns of a row': (graph: GraphWriter) => {
      const one = graph.node('ReduceSum', ['x', graph.integers([1])], { attributes: { keepdims: 0 } });
      return graph.node('Normalizer', [one], { domain: 'ai.onnx.ml' });
    },
    'adds to each place what is its own': (graph: GraphWriter) =>
      graph.node('Gemm', ['x', graph.weights([4, 2], 1), graph.weights([5, 2], 1)]),
    'tells places counted through all rows': (graph: GraphWriter) => {
      const image = graph.node('Reshape', ['x', graph.integers([-1, 1, 2, 2])]);
      const attributes = { kernel_shape: { ints: [2, 2] } };
      graph.node('MaxPool', [image], { attributes, outputs: ['most', 'places'] });
      return graph.node('Cast', ['places'], { attributes: { to: FLOAT } });
    },
    'is the softmax of columns': (graph: GraphWriter) => graph.node('Softmax', ['x'], { attributes: { axis: 0 } }),
    'is the softmax of an axis from the end': (graph: GraphWriter) =>
      graph.node('Softmax', ['x'], { attributes: { axis: -2 } }),
    'adds up rows': (graph: GraphWriter) => graph.node('ReduceSum', ['x', graph.integers([0])]),
  })) {
    test(`not to be, where it ${what}`, async () => {
      assert.deepEqual([...(await facts(make)).rowwise], []);
    });
  }
});

test('integers that are looked up in a table lie below its length', async () => {
  const { limits } = await facts((graph) =>
    graph.node('Gather', [graph.weights([50, 8], 1), graph.node('Cast', ['ids'], { attributes: { to: INT64 } })]),
  );
  assert.deepEqual([...limits], [['ids', 50]]);
});
