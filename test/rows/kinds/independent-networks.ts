import { elementTypes, type RowGraph, uniform, whole } from '../row-graph.js';
import { independent, type RowKind } from '../row-kind.js';

const layer = (graph: RowGraph, x: string, from: number, to: number, spread = 1): string =>
  graph.op('Gemm', [x, graph.weights([from, to], spread), graph.weights([to], 0.3)]);

const recurrent = (
  graph: RowGraph,
  opType: string,
  gates: number,
  sizes: { inputs: number; hidden: number; ways: 1 | 2 },
) => ({
  weights: [
    graph.weights([sizes.ways, gates * sizes.hidden, sizes.inputs], 1),
    graph.weights([sizes.ways, gates * sizes.hidden, sizes.hidden], 1),
  ],
  attributes: { hidden_size: sizes.hidden, direction: sizes.ways === 2 ? 'bidirectional' : 'forward' },
  opType,
});

const image = (graph: RowGraph, channels = 2, side = 6): string => graph.floatRows([channels, side, side], 1);

const same3 = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } };

/** Networks as frameworks export them. */
const batchFirst = independent({
  perceptron: (graph, random) => {
    const [inputs, hidden] = [1 + random.integer(12), 1 + random.integer(24)];
    const x = graph.floatRows([inputs], 3);
    const scores = layer(graph, graph.op('Relu', [layer(graph, x, inputs, hidden)]), hidden, 3);
    graph.gives(graph.op('Softmax', [scores], { axis: -1 }), 'FP32', ['batch', 3]);
  },
  residual: (graph) => {
    let x = graph.floatRows([8], 2);
    for (let block = 0; block < 3; block++) {
      x = graph.op('Add', [x, layer(graph, graph.op('Tanh', [layer(graph, x, 8, 8)]), 8, 8)]);
    }
    graph.gives(x, 'FP32', ['batch', 8]);
  },
  convolutional: (graph) => {
    const first = graph.op('Relu', [graph.op('Conv', [image(graph), graph.weights([4, 2, 3, 3], 0.5)], same3)]);
    const pooled = graph.op('MaxPool', [first], { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } });
    const flat = graph.op('Flatten', [pooled], { axis: 1 });
    graph.gives(layer(graph, flat, 36, 5, 0.3), 'FP32', ['batch', 5]);
  },
  'convolutional-normalised': (graph) => {
    const first = graph.op('Conv', [image(graph, 3), graph.weights([4, 3, 3, 3], 0.5)], same3);
    const factors = [graph.floats([1, 2, 3, 4]), graph.floats([0, 1, 0, 1])];
    const state = [graph.floats([0.1, 0, -0.1, 0]), graph.floats([1, 2, 1, 2])];
    const normal = graph.op('BatchNormalization', [first, ...factors, ...state]);
    graph.gives(graph.op('GlobalAveragePool', [normal]), 'FP32', ['batch', 4, 1, 1]);
  },
  depthwise: (graph) => {
    const x = graph.op('Conv', [image(graph, 4), graph.weights([4, 1, 3, 3], 1)], { ...same3, group: 4 });
    graph.gives(graph.op('Clip', [x, graph.scalar(0), graph.scalar(6)]), 'FP32', ['batch', 4, 6, 6]);
  },
  'instance-normalised': (graph) => {
    const x = image(graph, 2, 4);
    const y = graph.op('InstanceNormalization', [x, graph.floats([1, 2]), graph.floats([0, 1])]);
    graph.gives(y, 'FP32', ['batch', 2, 4, 4]);
  },
  'group-normalised-by-reshape': (graph) => {
    const x = image(graph, 4, 3);
    const groups = graph.op('Reshape', [x, graph.integers([0, 2, -1])]);
    const y = graph.op('InstanceNormalization', [groups, graph.floats([1, 1]), graph.floats([0, 0])]);
    graph.gives(graph.op('Reshape', [y, graph.op('Shape', [x])]), 'FP32', ['batch', 4, 3, 3]);
  },
  upsampled: (graph) => {
    const scales = graph.floats([1, 1, 2, 2]);
    const y = graph.op('Resize', [image(graph, 1, 3), '', scales], { mode: 'nearest' });
    graph.gives(y, 'FP32', ['batch', 1, 6, 6]);
  },
  'depth-to-space': (graph) => {
    graph.gives(graph.op('DepthToSpace', [image(graph, 4, 3)], { blocksize: 2 }), 'FP32', ['batch', 1, 6, 6]);
  },
  'detection-head': (graph) => {
    const raw = graph.op('Conv', [image(graph), graph.weights([6, 2, 1, 1], 1)]);
    const boxes = graph.op('Transpose', [graph.op('Reshape', [raw, graph.integers([0, 6, 36])])], {
      perm: { ints: [0, 2, 1] },
    });
    graph.gives(graph.op('Sigmoid', [boxes]), 'FP32', ['batch', 36, 6]);
  },
  'lstm-batch-first': (graph) => {
    const x = graph.op('Transpose', [graph.floatRows([5, 3], 2)], { perm: { ints: [1, 0, 2] } });
    const { opType, weights, attributes } = recurrent(graph, 'LSTM', 4, { inputs: 3, hidden: 4, ways: 1 });
    const all = graph.op('Squeeze', [graph.op(opType, [x, ...weights], attributes), graph.integers([1])]);
    graph.gives(graph.op('Transpose', [all], { perm: { ints: [1, 0, 2] } }), 'FP32', ['batch', 5, 4]);
  },
  'gru-of-any-length': (graph) => {
    const x = graph.op('Transpose', [graph.floatRows(['length', 2], 2)], { perm: { ints: [1, 0, 2] } });
    const { opType, weights, attributes } = recurrent(graph, 'GRU', 3, { inputs: 2, hidden: 3, ways: 2 });
    graph.node(opType, [x, ...weights], { attributes, outputs: ['all', 'last'] });
    const rows = graph.op('Reshape', [
      graph.op('Transpose', ['last'], { perm: { ints: [1, 0, 2] } }),
      graph.integers([-1, 6]),
    ]);
    graph.gives(rows, 'FP32', ['batch', 6]);
  },
  'attention-with-mask': (graph) => {
    const size = 4;
    const x = graph.floatRows(['length', size], 2);
    const mask = graph.takes('mask', 'INT64', ['batch', 'length'], whole(2));
    const project = (): string => graph.op('MatMul', [x, graph.weights([size, size], 1)]);
    const [query, key, value] = [project(), project(), project()];
    const scores = graph.op('MatMul', [query, graph.op('Transpose', [key], { perm: { ints: [0, 2, 1] } })]);
    const open = graph.op('Cast', [mask], { to: elementTypes.FP32 });
    const closed = graph.op('Mul', [graph.op('Sub', [open, graph.scalar(1)]), graph.scalar(1e4)]);
    const masked = graph.op('Add', [scores, graph.op('Unsqueeze', [closed, graph.integers([1])])]);
    const mixed = graph.op('MatMul', [graph.op('Softmax', [masked], { axis: -1 }), value]);
    graph.gives(mixed, 'FP32', ['batch', 'length', size]);
  },
  'softmax-of-many-columns': (graph) => {
    const scores = graph.op('MatMul', [graph.floatRows([400], 1), graph.weights([400, 10], 0.5)]);
    graph.gives(graph.op('Softmax', [scores], { axis: -1 }), 'FP32', ['batch', 10]);
  },
  'table-of-two': (graph) => {
    const types = graph.takes('types', 'INT64', ['batch', 'length'], whole(2));
    const found = graph.op('Gather', [graph.weights([2, 4], 1), types]);
    graph.gives(graph.op('ReduceMean', [found], { axes: { ints: [1] }, keepdims: 0 }), 'FP32', ['batch', 4]);
  },
  'embedding-of-big-table': (graph) => {
    const ids = graph.takes('input_ids', 'INT64', ['batch', 'length'], whole(5000));
    const found = graph.op('Gather', [graph.weights([5000, 6], 1), ids]);
    graph.gives(graph.op('ReduceMean', [found], { axes: { ints: [1] }, keepdims: 0 }), 'FP32', ['batch', 6]);
  },
  'encoder-with-pooling': (graph) => {
    const ids = graph.takes('input_ids', 'INT64', ['batch', 'length'], whole(300));
    const mask = graph.takes('attention_mask', 'INT64', ['batch', 'length'], () => 1);
    const found = graph.op('Gather', [graph.weights([300, 4], 1), ids]);
    const normal = graph.op('LayerNormalization', [found, graph.floats([1, 1, 1, 1]), graph.floats([0, 0, 0, 0])]);
    const weights = graph.op('Unsqueeze', [graph.op('Cast', [mask], { to: elementTypes.FP32 }), graph.integers([2])]);
    const sum = graph.op('ReduceSum', [graph.op('Mul', [normal, weights]), graph.integers([1])], { keepdims: 0 });
    const count = graph.op('ReduceSum', [weights, graph.integers([1])], { keepdims: 0 });
    graph.gives(graph.op('Div', [sum, count]), 'FP32', ['batch', 4]);
  },
  'layer-normalised': (graph, random) => {
    const size = 2 + random.integer(6);
    const [scale, bias] = [graph.weights([size], 1), graph.weights([size], 1)];
    graph.gives(graph.op('LayerNormalization', [graph.floatRows([size], 5), scale, bias]), 'FP32', ['batch', size]);
  },
  gelu: (graph) => {
    const x = graph.floatRows([5], 3);
    const half = graph.op('Mul', [x, graph.scalar(0.5)]);
    const erf = graph.op('Add', [graph.op('Erf', [graph.op('Mul', [x, graph.scalar(Math.SQRT1_2)])]), graph.scalar(1)]);
    graph.gives(graph.op('Mul', [half, erf]), 'FP32', ['batch', 5]);
  },
  'half-floats': (graph) => {
    const x = graph.takes('x', 'FP16', ['batch', 4], uniform(2));
    graph.gives(graph.op('Tanh', [graph.op('Mul', [x, x])]), 'FP16', ['batch', 4]);
  },
  doubles: (graph) => {
    const x = graph.takes('x', 'FP64', ['batch', 3], uniform(50));
    const factors = graph.constant(elementTypes.FP64, Float64Array.from([1, 2, 3, 4, 5, 6]), [3, 2]);
    graph.gives(graph.op('MatMul', [x, factors]), 'FP64', ['batch', 2]);
  },
  'quantised-with-fixed-scale': (graph) => {
    const zero = graph.constant(elementTypes.UINT8, Uint8Array.of(128), []);
    const q = graph.op('QuantizeLinear', [graph.floatRows([4], 4), graph.scalar(0.05), zero]);
    graph.gives(graph.op('DequantizeLinear', [q, graph.scalar(0.05), zero]), 'FP32', ['batch', 4]);
  },
});

/** Rows that lie along another axis than the first. */
const elsewhere: RowKind[] = independent({
  'lstm-sequence-first': (graph) => {
    const x = graph.takes('x', 'FP32', ['length', 'batch', 3], uniform(2));
    const { opType, weights, attributes } = recurrent(graph, 'LSTM', 4, { inputs: 3, hidden: 4, ways: 1 });
    graph.gives(graph.op('Squeeze', [graph.op(opType, [x, ...weights], attributes), graph.integers([1])]), 'FP32', [
      'length',
      'batch',
      4,
    ]);
  },
  'state-of-layers': (graph) => {
    const x = graph.floatRows([3], 2);
    const state = graph.takes('state', 'FP32', [2, 'batch', 3], uniform(2));
    const next = graph.op('Tanh', [graph.op('Add', [graph.op('MatMul', [state, graph.weights([3, 3], 1)]), x])]);
    graph.gives(graph.op('ReduceMean', [next], { axes: { ints: [0] }, keepdims: 0 }), 'FP32', ['batch', 3]);
    graph.gives(next, 'FP32', [2, 'batch', 3], 'next_state');
  },
}).map((kind) => ({ ...kind, batchingIsFree: true }));

export const independentNetworks = [...batchFirst, ...elsewhere];
