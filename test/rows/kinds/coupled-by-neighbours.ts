import { elementTypes, oneOf, type RowGraph, uniform, whole } from '../row-graph.js';
import { coupled } from '../row-kind.js';

const swap = { perm: { ints: [1, 0] } };

const gram = (graph: RowGraph, x: string): string => graph.op('MatMul', [x, graph.op('Transpose', [x], swap)]);

/** Rows as the time of a recurrent network: what a sequence-first export does when it is fed batch-first. */
function recurrentOverRows(graph: RowGraph, opType: 'LSTM' | 'GRU' | 'RNN', gates: number): void {
  const [size, hidden] = [3, 4];
  const x = graph.op('Unsqueeze', [graph.floatRows([size], 2), graph.integers([1])]);
  const weights = [graph.weights([1, gates * hidden, size], 1), graph.weights([1, gates * hidden, hidden], 1)];
  const all = graph.op(opType, [x, ...weights], { hidden_size: hidden });
  graph.gives(graph.op('Squeeze', [all, graph.integers([1, 2])]), 'FP32', ['batch', hidden]);
}

/** A running mean of the rows that came before, kept as the state of a scan. */
function scanOverRows(graph: RowGraph): void {
  const body = graph.body();
  const state = body.input('state_in', elementTypes.FP32, [3]);
  const row = body.input('row', elementTypes.FP32, [3]);
  body.node('Add', [body.node('Mul', [state, body.floats([0.5], [])]), row], { outputs: ['state_out'] });
  body.node('Tanh', ['state_out'], { outputs: ['seen'] });
  body.output('state_out', elementTypes.FP32, [3]);
  body.output('seen', elementTypes.FP32, [3]);
  const x = graph.floatRows([3], 2);
  graph.node('Scan', [graph.floats([0, 0, 0]), x], {
    attributes: { body: { graph: body }, num_scan_inputs: 1 },
    outputs: ['last', 'all'],
  });
  graph.gives('all', 'FP32', ['batch', 3]);
}

/** Folds the rows into one long row and back; what is done between does not know where one ends. */
function folded(graph: RowGraph, middle: (flat: string) => string): void {
  const flat = graph.op('Reshape', [graph.floatRows([4], 2), graph.integers([1, 1, -1])]);
  graph.gives(graph.op('Reshape', [middle(flat), graph.integers([-1, 4])]), 'FP32', ['batch', 4]);
}

/** [batch, 3] → [1, 3, batch]: the rows as places in space. */
function rowsAsSpace(graph: RowGraph, middle: (space: string) => string): void {
  const turned = graph.op('Transpose', [graph.floatRows([3], 2)], swap);
  const space = middle(graph.op('Unsqueeze', [turned, graph.integers([0])]));
  const back = graph.op('Transpose', [graph.op('Squeeze', [space, graph.integers([0])])], swap);
  graph.gives(back, 'FP32', ['batch', 3]);
}

/** How many rows have the same number. */
function countOfSame(graph: RowGraph, ids: string): string {
  const across = graph.op('Equal', [
    graph.op('Unsqueeze', [ids, graph.integers([1])]),
    graph.op('Unsqueeze', [ids, graph.integers([0])]),
  ]);
  const counts = graph.op('Cast', [across], { to: elementTypes.INT64 });
  return graph.op('ReduceSum', [counts, graph.integers([1])], { keepdims: 0 });
}

/** Rows look at each other, or something slides across them. */
export const coupledByNeighbours = coupled({
  'gram-matrix': (graph) => {
    graph.gives(gram(graph, graph.floatRows([3], 2)), 'FP32', ['batch', 'batch']);
  },
  'attention-over-rows': (graph, random) => {
    const size = 2 + random.integer(4);
    const x = graph.floatRows([size], 2);
    const shares = graph.op('Softmax', [gram(graph, x)], { axis: 1 });
    graph.gives(graph.op('MatMul', [shares, x]), 'FP32', ['batch', size]);
  },
  'nearest-distance': (graph) => {
    const x = graph.floatRows([2], 5);
    const products = gram(graph, x);
    const eye = graph.op('Mul', [graph.op('EyeLike', [products]), graph.scalar(1e6)]);
    const farther = graph.op('Sub', [products, eye]);
    graph.gives(graph.op('ReduceMax', [farther], { axes: { ints: [1] }, keepdims: 0 }), 'FP32', ['batch']);
  },
  'gather-of-neighbours': (graph) => {
    const x = graph.floatRows([3], 2);
    const edges = graph.takes('neighbours', 'INT64', ['batch', 2], whole(100));
    const inside = graph.op('Mod', [edges, graph.rowCount(x)]);
    const near = graph.op('ReduceMean', [graph.op('Gather', [x, inside])], { axes: { ints: [1] }, keepdims: 0 });
    graph.gives(graph.op('Add', [x, near]), 'FP32', ['batch', 3]);
  },
  'lstm-over-rows': (graph) => recurrentOverRows(graph, 'LSTM', 4),
  'gru-over-rows': (graph) => recurrentOverRows(graph, 'GRU', 3),
  'rnn-over-rows': (graph) => recurrentOverRows(graph, 'RNN', 1),
  'scan-over-rows': scanOverRows,
  'window-across-folded-rows': (graph) =>
    folded(graph, (flat) => graph.op('AveragePool', [flat], { kernel_shape: { ints: [3] }, pads: { ints: [1, 1] } })),
  'max-window-across-folded-rows': (graph) =>
    folded(graph, (flat) => graph.op('MaxPool', [flat], { kernel_shape: { ints: [3] }, pads: { ints: [1, 1] } })),
  'convolution-across-folded-rows': (graph) =>
    folded(graph, (flat) => graph.op('Conv', [flat, graph.weights([1, 1, 3], 1)], { pads: { ints: [1, 1] } })),
  'folded-norm': (graph) =>
    folded(graph, (flat) => graph.op('InstanceNormalization', [flat, graph.floats([1]), graph.floats([0])])),
  'convolution-over-rows': (graph) =>
    rowsAsSpace(graph, (space) => graph.op('Conv', [space, graph.weights([3, 3, 3], 1)], { pads: { ints: [1, 1] } })),
  'norm-over-rows-as-space': (graph) =>
    rowsAsSpace(graph, (space) =>
      graph.op('InstanceNormalization', [space, graph.floats([1, 1, 1]), graph.floats([0, 0, 0])]),
    ),
  'suppression-of-rows': (graph) => {
    const boxes = graph.takes('boxes', 'FP32', ['batch', 4], uniform(10));
    const scores = graph.takes('scores', 'FP32', ['batch'], (random) => random.next());
    const picked = graph.op('NonMaxSuppression', [
      graph.op('Unsqueeze', [boxes, graph.integers([0])]),
      graph.op('Unsqueeze', [scores, graph.integers([0, 1])]),
      graph.integers([1000]),
      graph.floats([0.05]),
    ]);
    const rows = graph.op('Gather', [picked, graph.integers([2])], { axis: 1 });
    const nothing = graph.op('Mul', [scores, graph.scalar(0)]);
    const ones = graph.op('Expand', [graph.floats([1]), graph.rowCount(rows)]);
    const kept = graph.op('ScatterND', [nothing, rows, ones]);
    graph.gives(graph.op('Cast', [kept], { to: elementTypes.BOOL }), 'BOOL', ['batch'], 'keep');
  },
  'number-among-the-unique': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch'], whole(12));
    graph.node('Unique', [x], { outputs: ['values', 'first', 'inverse', 'counts'] });
    graph.gives('inverse', 'INT64', ['batch'], 'number');
  },
  'count-of-equal-integers': (graph) => {
    graph.gives(countOfSame(graph, graph.takes('x', 'INT64', ['batch'], whole(5))), 'INT64', ['batch']);
  },
  'count-of-equal-strings': (graph) => {
    const words = ['red', 'green', 'blue', 'black'];
    const x = graph.takes('x', 'BYTES', ['batch'], oneOf(words));
    const ids = graph.node('LabelEncoder', [x], {
      domain: 'ai.onnx.ml',
      attributes: { keys_strings: words, values_int64s: { ints: [1, 2, 3, 4] }, default_int64: 9 },
    });
    graph.gives(countOfSame(graph, ids), 'INT64', ['batch']);
  },
  'histogram-of-rows': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch', 1], whole(6));
    const ones = graph.op('Expand', [graph.floats([1]), graph.rowCount(x)]);
    const empty = graph.floats([0, 0, 0, 0, 0, 0]);
    const counts = graph.op('ScatterND', [empty, x, ones], { reduction: 'add' });
    graph.gives(graph.op('GatherND', [counts, x]), 'FP32', ['batch']);
  },
});
