import { elementTypes, type RowGraph, uniform, whole } from '../row-graph.js';
import { coupled } from '../row-kind.js';

/** Sizes and ranges that a seed chooses. */
const width = (random: { integer(limit: number): number }): number => 1 + random.integer(6);
const spreads = [0.5, 1, 10, 200] as const;

/** `x` combined with what the operator makes of all rows. */
const against =
  (reduce: string, combine: string, axes: readonly number[] | undefined = [0]) =>
  (graph: RowGraph, random: { integer(limit: number): number }): void => {
    const size = width(random);
    const x = graph.floatRows([size], spreads[random.integer(spreads.length)]);
    const attributes = axes === undefined ? { keepdims: 1 } : { axes: { ints: axes }, keepdims: 1 };
    graph.gives(graph.op(combine, [x, graph.op(reduce, [x], attributes)]), 'FP32', ['batch', size]);
  };

function standardised(graph: RowGraph, x: string): string {
  const centred = graph.op('Sub', [x, graph.op('ReduceMean', [x], { axes: { ints: [0] } })]);
  const variance = graph.op('ReduceMean', [graph.op('Mul', [centred, centred])], { axes: { ints: [0] } });
  return graph.op('Div', [centred, graph.op('Sqrt', [graph.op('Add', [variance, graph.scalar(1e-5)])])]);
}

const sumOfRows = (graph: RowGraph, x: string): string =>
  graph.op('ReduceSum', [x, graph.integers([0])], { keepdims: 1 });

/** Something of all rows reaches every row. */
export const coupledByReduction = coupled({
  'batch-mean': against('ReduceMean', 'Sub'),
  'batch-max': against('ReduceMax', 'Sub'),
  'batch-min': against('ReduceMin', 'Add'),
  'batch-product': against('ReduceProd', 'Add'),
  'global-max': against('ReduceMax', 'Sub', undefined),
  'global-norm': against('ReduceL2', 'Div', undefined),
  'batch-log-sum': against('ReduceLogSumExp', 'Sub'),
  'batch-sum': (graph, random) => {
    const size = width(random);
    const x = graph.floatRows([size], 3);
    graph.gives(graph.op('Add', [x, sumOfRows(graph, x)]), 'FP32', ['batch', size]);
  },
  'batch-standardised': (graph, random) => {
    const size = width(random);
    graph.gives(standardised(graph, graph.floatRows([size], 5)), 'FP32', ['batch', size]);
  },
  'outlier-flags': (graph) => {
    const x = graph.floatRows([2], 40);
    const far = graph.op('Greater', [graph.op('Abs', [standardised(graph, x)]), graph.scalar(0.8)]);
    graph.gives(far, 'BOOL', ['batch', 2]);
  },
  'is-largest': (graph) => {
    const x = graph.floatRows([3], 2);
    const largest = graph.op('ReduceMax', [x], { axes: { ints: [0] } });
    graph.gives(graph.op('Equal', [x, largest]), 'BOOL', ['batch', 3]);
  },
  'softmax-over-rows': (graph, random) => {
    const size = width(random);
    graph.gives(graph.op('Softmax', [graph.floatRows([size], 2)], { axis: 0 }), 'FP32', ['batch', size]);
  },
  'hardmax-over-rows': (graph) => {
    graph.gives(graph.op('Hardmax', [graph.floatRows([3], 2)], { axis: 0 }), 'FP32', ['batch', 3]);
  },
  'norm-over-rows': (graph) => {
    graph.gives(graph.op('LpNormalization', [graph.floatRows([3], 2)], { axis: 0, p: 2 }), 'FP32', ['batch', 3]);
  },
  'whole-mean-variance': (graph) => {
    // The operator's default axes contain the batch.
    const x = graph.floatRows([2, 3, 3], 3);
    graph.gives(graph.op('MeanVarianceNormalization', [x]), 'FP32', ['batch', 2, 3, 3]);
  },
  'dynamic-quantised': (graph, random) => {
    const size = 2 + random.integer(5);
    const x = graph.floatRows([size], 8);
    graph.node('DynamicQuantizeLinear', [x], { outputs: ['q', 'scale', 'zero'] });
    graph.gives(graph.op('DequantizeLinear', ['q', 'scale', 'zero']), 'FP32', ['batch', size]);
  },
  'dynamic-quantised-product': (graph) => {
    const x = graph.floatRows([4], 30);
    graph.node('DynamicQuantizeLinear', [x], { outputs: ['q', 'scale', 'zero'] });
    const weights = graph.constant(
      elementTypes.UINT8,
      Uint8Array.from({ length: 12 }, (_, at) => (at * 37) % 251),
      [4, 3],
    );
    const product = graph.op('MatMulInteger', ['q', weights, 'zero']);
    const real = graph.op('Mul', [graph.op('Cast', [product], { to: elementTypes.FP32 }), 'scale']);
    graph.gives(real, 'FP32', ['batch', 3]);
  },
  'integer-total': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch', 3], whole(50));
    graph.gives(graph.op('Sub', [x, sumOfRows(graph, x)]), 'INT64', ['batch', 3]);
  },
  'integer-parity': (graph) => {
    const x = graph.takes('x', 'INT32', ['batch', 2], whole(100));
    const total = graph.op('Mod', [sumOfRows(graph, x), graph.constant(elementTypes.INT32, Int32Array.of(2))]);
    graph.gives(graph.op('Add', [x, total]), 'INT32', ['batch', 2]);
  },
  'half-float-mean': (graph) => {
    const x = graph.takes('x', 'FP16', ['batch', 4], uniform(4));
    const wide = graph.op('Cast', [x], { to: elementTypes.FP32 });
    const centred = graph.op('Sub', [wide, graph.op('ReduceMean', [wide], { axes: { ints: [0] } })]);
    graph.gives(graph.op('Cast', [centred], { to: elementTypes.FP16 }), 'FP16', ['batch', 4]);
  },
  'double-max': (graph) => {
    const x = graph.takes('x', 'FP64', ['batch', 2], uniform(1000));
    graph.gives(graph.op('Sub', [x, graph.op('ReduceMax', [x], { axes: { ints: [0] } })]), 'FP64', ['batch', 2]);
  },
  'second-input-mean': (graph) => {
    const x = graph.floatRows([3], 2);
    const other = graph.floatRows([3], 2, 'context');
    const mean = graph.op('ReduceMean', [other], { axes: { ints: [0] } });
    graph.gives(graph.op('Add', [x, mean]), 'FP32', ['batch', 3]);
  },
  'second-output-only': (graph) => {
    const x = graph.floatRows([4], 2);
    graph.gives(graph.op('Relu', [graph.op('MatMul', [x, graph.weights([4, 3], 1)])]), 'FP32', ['batch', 3], 'scores');
    graph.gives(graph.op('Div', [x, sumOfRows(graph, graph.op('Abs', [x]))]), 'FP32', ['batch', 4], 'shares');
  },
  'majority-label': (graph) => {
    const x = graph.floatRows([4], 2);
    const labels = graph.op('ArgMax', [graph.op('MatMul', [x, graph.weights([4, 3], 1)])], { axis: 1, keepdims: 0 });
    const votes = graph.op('OneHot', [labels, graph.integers([3], []), graph.integers([0, 1])]);
    const winner = graph.op('ArgMax', [sumOfRows(graph, votes)], { axis: 1, keepdims: 0 });
    graph.gives(graph.op('Equal', [labels, winner]), 'BOOL', ['batch']);
  },
});
