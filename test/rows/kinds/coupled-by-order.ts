import { elementTypes, type RowGraph, whole } from '../row-graph.js';
import { coupled } from '../row-kind.js';

/** 0, 1, 2, … of the rows, as integers. */
const rowNumbers = (graph: RowGraph, x: string): string => {
  const count = graph.op('Squeeze', [graph.rowCount(x)]);
  return graph.op('Range', [graph.integers([0], []), count, graph.integers([1], [])]);
};

const column = (graph: RowGraph, value: string): string => graph.op('Unsqueeze', [value, graph.integers([1])]);

/** Rows `from` to `to` of the value. */
const rowsOf = (graph: RowGraph, x: string, from: number, to: number, step = 1): string =>
  graph.op('Slice', [x, graph.integers([from]), graph.integers([to]), graph.integers([0]), graph.integers([step])]);

const endless = 2 ** 40;

const rolled = (graph: RowGraph, x: string): string =>
  graph.op('Concat', [rowsOf(graph, x, -1, endless), rowsOf(graph, x, 0, -1)], { axis: 0 });

/** Only so many rows that score above zero are let in, first come, first served. */
function routed(graph: RowGraph, capacity: number): void {
  const x = graph.floatRows([2], 3);
  const score = graph.op('Gather', [x, graph.integers([0])], { axis: 1 });
  const wants = graph.op('Cast', [graph.op('Greater', [score, graph.scalar(-2)])], { to: elementTypes.FP32 });
  const place = graph.op('CumSum', [wants, graph.integers([0], [])]);
  const isIn = graph.op('Cast', [graph.op('LessOrEqual', [place, graph.scalar(capacity)])], { to: elementTypes.FP32 });
  graph.gives(graph.op('Mul', [x, isIn]), 'FP32', ['batch', 2]);
}

/** Centred on the batch's mean, but only in a batch of more than so many rows. */
function onlyBeyond(graph: RowGraph, rows: number): void {
  const x = graph.floatRows([3], 2);
  const isLarge = graph.op('Greater', [graph.rowCount(x), graph.integers([rows])]);
  const centred = graph.op('Sub', [x, graph.op('ReduceMean', [x], { axes: { ints: [0] } })]);
  graph.gives(graph.op('Where', [isLarge, centred, x]), 'FP32', ['batch', 3]);
}

/** A row's place, its neighbours or the number of rows matter. */
export const coupledByOrder = coupled({
  'running-sum': (graph, random) => {
    const size = 1 + random.integer(5);
    graph.gives(graph.op('CumSum', [graph.floatRows([size], 2), graph.integers([0], [])]), 'FP32', ['batch', size]);
  },
  'running-sum-from-the-end': (graph) => {
    const sum = graph.op('CumSum', [graph.floatRows([2], 2), graph.integers([0], [])], { reverse: 1, exclusive: 1 });
    graph.gives(sum, 'FP32', ['batch', 2]);
  },
  'running-product': (graph) => {
    const logs = graph.op('Log', [graph.op('Add', [graph.op('Abs', [graph.floatRows([2], 2)]), graph.scalar(0.5)])]);
    const product = graph.op('Exp', [graph.op('CumSum', [logs, graph.integers([0], [])])]);
    graph.gives(graph.op('Tanh', [product]), 'FP32', ['batch', 2]);
  },
  'capacity-4': (graph) => routed(graph, 4),
  'capacity-10': (graph) => routed(graph, 10),
  'capacity-25': (graph) => routed(graph, 25),
  'capacity-40': (graph) => routed(graph, 40),
  'only-beyond-8-rows': (graph) => onlyBeyond(graph, 8),
  'only-beyond-16-rows': (graph) => onlyBeyond(graph, 16),
  'only-beyond-40-rows': (graph) => onlyBeyond(graph, 40),
  'reversed-rows': (graph) => {
    graph.gives(rowsOf(graph, graph.floatRows([3], 2), -1, -endless, -1), 'FP32', ['batch', 3]);
  },
  'rolled-rows': (graph) => {
    graph.gives(rolled(graph, graph.floatRows([3], 2)), 'FP32', ['batch', 3]);
  },
  'difference-from-the-row-before': (graph) => {
    const x = graph.floatRows([3], 2);
    graph.gives(graph.op('Sub', [x, rolled(graph, x)]), 'FP32', ['batch', 3]);
  },
  'pairs-of-rows': (graph) => {
    const x = graph.floatRows([3], 2);
    const odd = graph.op('Mod', [graph.rowCount(x), graph.integers([2])]);
    const pads = graph.op('Concat', [graph.integers([0, 0]), odd, graph.integers([0])], { axis: 0 });
    const pairs = graph.op('Reshape', [graph.op('Pad', [x, pads]), graph.integers([-1, 2, 3])]);
    const mean = graph.op('ReduceMean', [pairs], { axes: { ints: [1] }, keepdims: 1 });
    const both = graph.op('Expand', [mean, graph.integers([1, 2, 3])]);
    const flat = graph.op('Reshape', [both, graph.integers([-1, 3])]);
    const ends = graph.op('Slice', [flat, graph.integers([0]), graph.rowCount(x), graph.integers([0])]);
    graph.gives(ends, 'FP32', ['batch', 3]);
  },
  'row-number-added': (graph) => {
    const x = graph.floatRows([3], 2);
    const numbers = graph.op('Cast', [column(graph, rowNumbers(graph, x))], { to: elementTypes.FP32 });
    graph.gives(graph.op('Add', [x, numbers]), 'FP32', ['batch', 3]);
  },
  'row-count-as-factor': (graph) => {
    const x = graph.floatRows([3], 2);
    const count = graph.op('Cast', [graph.rowCount(x)], { to: elementTypes.FP32 });
    graph.gives(graph.op('Mul', [x, count]), 'FP32', ['batch', 3]);
  },
  'row-count-as-output': (graph) => {
    const x = graph.floatRows([3], 2);
    graph.gives(graph.op('Tanh', [x]), 'FP32', ['batch', 3]);
    graph.gives(graph.op('Expand', [graph.rowCount(x), graph.rowCount(x)]), 'INT64', ['batch'], 'rows');
  },
  'first-row-added': (graph) => {
    const x = graph.floatRows([3], 2);
    graph.gives(graph.op('Add', [x, rowsOf(graph, x, 0, 1)]), 'FP32', ['batch', 3]);
  },
  'last-row-added': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch', 3], whole(9));
    graph.gives(graph.op('Add', [x, rowsOf(graph, x, -1, endless)]), 'INT64', ['batch', 3]);
  },
  'sorted-rows': (graph) => {
    const x = graph.floatRows([2], 2);
    graph.node('TopK', [x, graph.rowCount(x)], { attributes: { axis: 0 }, outputs: ['sorted', 'order'] });
    graph.gives('sorted', 'FP32', ['batch', 2]);
  },
  'rank-of-row': (graph) => {
    const x = graph.floatRows([], 2);
    graph.node('TopK', [x, graph.rowCount(x)], { attributes: { axis: 0 }, outputs: ['sorted', 'order'] });
    graph.gives('order', 'INT64', ['batch'], 'rank');
  },
  'index-of-largest': (graph) => {
    const x = graph.floatRows([], 2);
    const best = graph.op('ArgMax', [x], { axis: 0, keepdims: 1 });
    graph.gives(graph.op('Equal', [rowNumbers(graph, x), best]), 'BOOL', ['batch']);
  },
});
