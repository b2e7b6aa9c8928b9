import { elementTypes, type RowGraph, uniform, whole } from '../row-graph.js';
import { coupled } from '../row-kind.js';

/** Centred on the mean of the rows whose first value is beyond the limit; the others stay as they are. */
function onlyBeyond(graph: RowGraph, limit: number): void {
  const x = graph.floatRows([2], 2.5 * limit);
  const isFar = graph.op('Greater', [graph.op('Abs', [x]), graph.scalar(limit)]);
  const far = graph.op('Where', [isFar, x, graph.scalar(0)]);
  const total = graph.op('ReduceSum', [far, graph.integers([0])], { keepdims: 1 });
  graph.gives(graph.op('Where', [isFar, graph.op('Sub', [x, total]), x]), 'FP32', ['batch', 2]);
}

/** Counts down until the condition of all rows says so; what a decoding loop does. */
function loopWhile(graph: RowGraph, reduce: 'ReduceMax' | 'ReduceMin'): void {
  const body = graph.body();
  body.input('step', elementTypes.INT64, []);
  body.input('go_on_in', elementTypes.BOOL, []);
  const left = body.input('left_in', elementTypes.INT64, ['batch']);
  const steps = body.input('steps_in', elementTypes.INT64, ['batch']);
  body.node('Sub', [left, body.integers([1], [])], { outputs: ['left_out'] });
  body.node('Add', [steps, body.integers([1], [])], { outputs: ['steps_out'] });
  const last = body.node(reduce, ['left_out'], { attributes: { keepdims: 0 } });
  body.node('Greater', [last, body.integers([0], [])], { outputs: ['go_on_out'] });
  body.output('go_on_out', elementTypes.BOOL, []);
  body.output('left_out', elementTypes.INT64, ['batch']);
  body.output('steps_out', elementTypes.INT64, ['batch']);
  const x = graph.takes('x', 'INT64', ['batch'], whole(30, 1));
  const none = graph.op('Mul', [x, graph.integers([0], [])]);
  const always = graph.constant(elementTypes.BOOL, Uint8Array.of(1), []);
  graph.node('Loop', [graph.integers([100], []), always, x, none], {
    attributes: { body: { graph: body } },
    outputs: ['left', 'steps'],
  });
  graph.gives('left', 'INT64', ['batch'], 'rest');
}

/** Ids up to the first 0, cut to the longest row. */
function paddedToLongest(graph: RowGraph): void {
  const length = 6;
  const x = graph.takes('x', 'INT64', ['batch', length], (random) =>
    random.integer(3) === 0 ? 0 : random.integer(50),
  );
  const isSet = graph.op('Cast', [graph.op('Greater', [x, graph.integers([0], [])])], { to: elementTypes.INT64 });
  const longest = graph.op('ReduceMax', [graph.op('ReduceSum', [isSet, graph.integers([1])])], { keepdims: 0 });
  const end = graph.op('Unsqueeze', [longest, graph.integers([0])]);
  graph.gives(graph.op('Slice', [x, graph.integers([0]), end, graph.integers([1])]), 'INT64', ['batch', 'longest']);
}

/** Rows influence each other, or the size of the answer, only where their values say so. */
export const coupledByValues = coupled({
  'only-beyond-3': (graph) => onlyBeyond(graph, 3),
  'only-beyond-50': (graph) => onlyBeyond(graph, 50),
  'only-large-integers': (graph) => {
    const x = graph.takes('x', 'INT64', ['batch'], whole(60));
    const isFar = graph.op('Greater', [x, graph.integers([20], [])]);
    const far = graph.op('Where', [isFar, x, graph.integers([0], [])]);
    const largest = graph.op('ReduceMax', [far], { keepdims: 1 });
    graph.gives(graph.op('Where', [isFar, graph.op('Sub', [largest, x]), x]), 'INT64', ['batch']);
  },
  'only-negative': (graph) => {
    const x = graph.floatRows([3], 4);
    const below = graph.op('Min', [x, graph.scalar(0)]);
    graph.gives(graph.op('Sub', [x, graph.op('ReduceMin', [below], { axes: { ints: [0] } })]), 'FP32', ['batch', 3]);
  },
  'not-a-number-unless-wide': (graph) => {
    const x = graph.floatRows([2], 60);
    const root = graph.op('Sqrt', [graph.op('Sub', [graph.op('Abs', [x]), graph.scalar(10)])]);
    const largest = graph.op('ReduceMax', [graph.op('Relu', [x])], { axes: { ints: [0] } });
    graph.gives(graph.op('Add', [root, largest]), 'FP32', ['batch', 2]);
  },
  'constant-unless-positive': (graph) => {
    const x = graph.takes('x', 'FP32', ['batch', 2], (random) => random.next() * 12 - 2);
    const above = graph.op('Relu', [graph.op('Sub', [x, graph.scalar(2)])]);
    const total = graph.op('ReduceSum', [above, graph.integers([0])], { keepdims: 1 });
    graph.gives(graph.op('Div', [above, graph.op('Add', [total, graph.scalar(1)])]), 'FP32', ['batch', 2]);
  },
  'rarely-one-label': (graph) => {
    // The label is 0 but for wide values, and then it is the batch's.
    const x = graph.floatRows([1], 40);
    const total = graph.op('ReduceSum', [x, graph.integers([0])], { keepdims: 1 });
    const isFar = graph.op('And', [
      graph.op('Greater', [x, graph.scalar(10)]),
      graph.op('Greater', [total, graph.scalar(30)]),
    ]);
    graph.gives(graph.op('Cast', [isFar], { to: elementTypes.INT64 }), 'INT64', ['batch', 1], 'label');
  },
  'loop-until-all-ended': (graph) => loopWhile(graph, 'ReduceMax'),
  'loop-until-one-ended': (graph) => loopWhile(graph, 'ReduceMin'),
  'padded-to-longest': paddedToLongest,
  'mean-of-chosen': (graph) => {
    const x = graph.floatRows([2], 2);
    const flags = graph.takes('chosen', 'BOOL', ['batch'], whole(2));
    const some = graph.op('Compress', [graph.op('Concat', [x, graph.floats([0, 0], [1, 2])], { axis: 0 }), flags], {
      axis: 0,
    });
    const total = graph.op('ReduceSum', [some, graph.integers([0])], { keepdims: 1 });
    graph.gives(graph.op('Add', [x, total]), 'FP32', ['batch', 2]);
  },
  'only-the-chosen': (graph) => {
    const x = graph.floatRows([2], 2);
    const score = graph.op('ReduceSum', [x, graph.integers([1])], { keepdims: 0 });
    const flags = graph.op('Greater', [score, graph.scalar(0)]);
    graph.gives(graph.op('Compress', [x, flags], { axis: 0 }), 'FP32', ['chosen', 2]);
  },
  'places-of-positives': (graph) => {
    const places = graph.op('NonZero', [graph.op('Relu', [graph.floatRows([3], 2)])]);
    graph.gives(graph.op('Transpose', [places], { perm: { ints: [1, 0] } }), 'INT64', ['count', 2]);
  },
  'share-of-non-zero': (graph) => {
    const x = graph.takes('x', 'FP32', ['batch', 3], (random) => (random.integer(2) === 0 ? 0 : random.next()));
    const count = graph.op('Shape', [graph.op('NonZero', [x])]);
    const number = graph.op('Cast', [graph.op('Gather', [count, graph.integers([1])])], { to: elementTypes.FP32 });
    graph.gives(graph.op('Div', [x, graph.op('Add', [number, graph.scalar(1)])]), 'FP32', ['batch', 3]);
  },
  'largest-k-by-value': (graph) => {
    // As many columns as the largest integer of all rows says.
    const x = graph.floatRows([5], 2);
    const k = graph.takes('k', 'INT64', ['batch'], whole(6, 1));
    const most = graph.op('ReduceMax', [k], { keepdims: 1 });
    graph.node('TopK', [x, most], { attributes: { axis: 1 }, outputs: ['values', 'places'] });
    graph.gives('values', 'FP32', ['batch', 'k']);
  },
  'noise-floor': (graph) => {
    const x = graph.takes('x', 'FP32', ['batch', 4], uniform(100));
    const floor = graph.op('Mul', [graph.op('ReduceMax', [graph.op('Abs', [x])], { keepdims: 0 }), graph.scalar(0.1)]);
    const isLoud = graph.op('Greater', [graph.op('Abs', [x]), floor]);
    graph.gives(graph.op('Where', [isLoud, x, graph.scalar(0)]), 'FP32', ['batch', 4]);
  },
});
