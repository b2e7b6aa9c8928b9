import { elementTypes, type RowGraph, whole } from '../row-graph.js';
import { independent, type RowKind } from '../row-kind.js';

/** A running sum along each row's own time. */
function scanInRow(graph: RowGraph): void {
  const body = graph.body();
  const state = body.input('state_in', elementTypes.FP32, ['batch']);
  const value = body.input('value', elementTypes.FP32, ['batch']);
  body.node('Add', [body.node('Mul', [state, body.floats([0.5], [])]), value], { outputs: ['state_out'] });
  body.node('Tanh', ['state_out'], { outputs: ['seen'] });
  body.output('state_out', elementTypes.FP32, ['batch']);
  body.output('seen', elementTypes.FP32, ['batch']);
  const x = graph.floatRows([5], 2);
  const zero = graph.op('Mul', [graph.op('ReduceSum', [x, graph.integers([1])], { keepdims: 0 }), graph.scalar(0)]);
  graph.node('Scan', [zero, x], {
    attributes: {
      body: { graph: body },
      num_scan_inputs: 1,
      scan_input_axes: { ints: [1] },
      scan_output_axes: { ints: [1] },
    },
    outputs: ['last', 'all'],
  });
  graph.gives('all', 'FP32', ['batch', 5]);
}

function constantLoop(graph: RowGraph, random: { integer(limit: number): number }): void {
  const body = graph.body();
  body.input('step', elementTypes.INT64, []);
  body.node('Identity', [body.input('go_on_in', elementTypes.BOOL, [])], { outputs: ['go_on_out'] });
  const x = body.input('x_in', elementTypes.FP32, ['batch', 2]);
  body.node('Sin', [body.node('Add', [x, body.floats([0.3], [])])], { outputs: ['x_out'] });
  body.output('go_on_out', elementTypes.BOOL, []);
  body.output('x_out', elementTypes.FP32, ['batch', 2]);
  const times = graph.integers([2 + random.integer(6)], []);
  const always = graph.constant(elementTypes.BOOL, Uint8Array.of(1), []);
  const attributes = { body: { graph: body } };
  graph.gives(graph.op('Loop', [times, always, graph.floatRows([2], 2)], attributes), 'FP32', ['batch', 2]);
}

const rowSum = (graph: RowGraph, x: string): string => graph.op('ReduceSum', [x, graph.integers([1])], { keepdims: 1 });

const batchFirst = independent({
  'softmax-in-row': (graph, random) => {
    const size = 2 + random.integer(6);
    graph.gives(graph.op('Softmax', [graph.floatRows([size], 3)], { axis: 1 }), 'FP32', ['batch', size]);
  },
  'largest-in-row': (graph, random) => {
    const size = 3 + random.integer(4);
    graph.node('TopK', [graph.floatRows([size], 3), graph.integers([2])], { outputs: ['values', 'places'] });
    graph.gives('values', 'FP32', ['batch', 2], 'scores');
    graph.gives('places', 'INT64', ['batch', 2], 'classes');
  },
  'label-of-row': (graph) => {
    graph.gives(graph.op('ArgMax', [graph.floatRows([5], 3)], { axis: 1, keepdims: 0 }), 'INT64', ['batch']);
  },
  'running-sum-in-row': (graph) => {
    graph.gives(graph.op('CumSum', [graph.floatRows([5], 3), graph.integers([1], [])]), 'FP32', ['batch', 5]);
  },
  'norm-of-row': (graph) => {
    graph.gives(graph.op('LpNormalization', [graph.floatRows([4], 3)], { axis: 1 }), 'FP32', ['batch', 4]);
  },
  'sorted-in-row-of-any-length': (graph) => {
    const x = graph.floatRows(['length'], 3);
    const length = graph.op('Gather', [graph.op('Shape', [x]), graph.integers([1])]);
    graph.node('TopK', [x, length], { outputs: ['sorted', 'places'] });
    graph.gives('sorted', 'FP32', ['batch', 'length']);
  },
  'scan-in-row': scanInRow,
  'loop-of-constant-count': constantLoop,
  'reshape-by-shape': (graph) => {
    const x = graph.floatRows([2, 3], 2);
    const shape = graph.op('Concat', [graph.rowCount(x), graph.integers([-1])], { axis: 0 });
    graph.gives(graph.op('Reshape', [x, shape]), 'FP32', ['batch', 6]);
  },
  'expand-by-shape': (graph) => {
    const x = graph.floatRows([3], 2);
    const constant = graph.op('Expand', [graph.floats([1, 2, 3], [1, 3]), graph.op('Shape', [x])]);
    graph.gives(graph.op('Concat', [x, constant], { axis: 1 }), 'FP32', ['batch', 6]);
  },
  'tile-by-shape': (graph) => {
    const x = graph.floatRows([3], 2);
    const repeats = graph.op('Concat', [graph.rowCount(x), graph.integers([1])], { axis: 0 });
    const class0 = graph.op('Tile', [graph.floats([0.5, 1, 2], [1, 3]), repeats]);
    graph.gives(graph.op('Mul', [x, class0]), 'FP32', ['batch', 3]);
  },
  'class-token-in-front': (graph) => {
    const x = graph.floatRows(['length', 2], 2);
    const shape = graph.op('Concat', [graph.rowCount(x), graph.integers([1, 2])], { axis: 0 });
    const token = graph.op('Expand', [graph.floats([3, -3], [1, 1, 2]), shape]);
    graph.gives(graph.op('Concat', [token, x], { axis: 1 }), 'FP32', ['batch', 'length1', 2]);
  },
  'positions-added': (graph) => {
    const x = graph.floatRows(['length', 2], 2);
    const length = graph.op('Gather', [graph.op('Shape', [x]), graph.integers([1], [])]);
    const places = graph.op('Range', [graph.integers([0], []), length, graph.integers([1], [])]);
    const column = graph.op('Unsqueeze', [graph.op('Cast', [places], { to: elementTypes.FP32 }), graph.integers([1])]);
    graph.gives(graph.op('Add', [x, column]), 'FP32', ['batch', 'length', 2]);
  },
  chosen: (graph) => {
    const x = graph.floatRows([4], 3);
    graph.gives(graph.op('Where', [graph.op('Greater', [x, graph.scalar(0)]), x, graph.op('Exp', [x])]), 'FP32', [
      'batch',
      4,
    ]);
  },
  clipped: (graph) => {
    graph.gives(graph.op('Clip', [graph.floatRows([4], 3), graph.scalar(-1), graph.scalar(2)]), 'FP32', ['batch', 4]);
  },
  remainders: (graph) => {
    const x = graph.takes('x', 'INT64', ['batch', 3], whole(1000));
    graph.gives(graph.op('Mod', [x, graph.integers([7, 11, 13])]), 'INT64', ['batch', 3]);
  },
  'element-by-index': (graph) => {
    const x = graph.floatRows([5], 3);
    const index = graph.takes('index', 'INT64', ['batch', 1], whole(5));
    graph.gives(graph.op('GatherElements', [x, index], { axis: 1 }), 'FP32', ['batch', 1]);
  },
  'row-by-index': (graph) => {
    const x = graph.floatRows([4, 2], 3);
    const index = graph.takes('index', 'INT64', ['batch', 1], whole(4));
    graph.gives(graph.op('GatherND', [x, index], { batch_dims: 1 }), 'FP32', ['batch', 2]);
  },
  'flags-of-row': (graph) => {
    const x = graph.floatRows([3], 3);
    graph.gives(graph.op('Greater', [x, graph.op('ReduceMean', [x], { axes: { ints: [1] } })]), 'BOOL', ['batch', 3]);
  },
  'small-integers': (graph) => {
    const x = graph.takes('x', 'INT32', ['batch', 3], whole(100, -100));
    graph.gives(graph.op('Mul', [x, x]), 'INT32', ['batch', 3]);
  },
  'bytes-of-image': (graph) => {
    const x = graph.op('Cast', [graph.takes('pixels', 'UINT8', ['batch', 3, 3, 2], whole(256))], {
      to: elementTypes.FP32,
    });
    const turned = graph.op('Transpose', [graph.op('Div', [x, graph.scalar(255)])], { perm: { ints: [0, 3, 1, 2] } });
    graph.gives(turned, 'FP32', ['batch', 2, 3, 3]);
  },
  'mean-of-row': (graph) => {
    const x = graph.floatRows(['length', 3], 3);
    graph.gives(graph.op('ReduceMean', [x], { axes: { ints: [1, 2] }, keepdims: 0 }), 'FP32', ['batch']);
  },
  'share-of-row': (graph) => {
    const x = graph.op('Abs', [graph.floatRows([4], 3)]);
    graph.gives(graph.op('Div', [x, rowSum(graph, x)]), 'FP32', ['batch', 4]);
  },
  'products-in-row': (graph) => {
    const x = graph.floatRows([3, 2], 2);
    graph.gives(graph.op('Einsum', [x, x], { equation: 'bij,bkj->bik' }), 'FP32', ['batch', 3, 3]);
  },
  'padded-row': (graph) => {
    const y = graph.op('Pad', [graph.floatRows([3], 2), graph.integers([0, 1, 0, 2]), graph.scalar(9)]);
    graph.gives(y, 'FP32', ['batch', 6]);
  },
  'row-turned-round': (graph) => {
    const [from, to, axes, steps] = [[-1], [-100], [1], [-1]].map((list) => graph.integers(list)) as [
      string,
      string,
      string,
      string,
    ];
    graph.gives(graph.op('Slice', [graph.floatRows([4], 2), from, to, axes, steps]), 'FP32', ['batch', 4]);
  },
  'two-outputs-of-one-row': (graph) => {
    const x = graph.floatRows([3], 2);
    graph.gives(graph.op('Sin', [x]), 'FP32', ['batch', 3], 'sine');
    graph.gives(graph.op('ReduceMax', [x], { axes: { ints: [1] }, keepdims: 0 }), 'FP32', ['batch'], 'largest');
  },
});

const shared: RowKind[] = independent({
  'shared-scalar': (graph) => {
    const threshold = graph.takes('threshold', 'FP32', [], (random) => random.next());
    graph.gives(graph.op('Greater', [graph.floatRows([3], 2), threshold]), 'BOOL', ['batch', 3]);
  },
}).map((kind) => ({ ...kind, batchingIsFree: true }));

export const independentShapes = [...batchFirst, ...shared];
