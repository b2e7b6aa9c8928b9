import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { elementTypes, RowGraph, uniform } from '../rows/row-graph.js';
import { ModelFolder } from '../support/model-folder.js';
import { Random } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';

const folder = new ModelFolder();

function put(name: string, build: (graph: RowGraph, random: Random) => void): void {
  const graph = new RowGraph(1);
  build(graph, new Random(1));
  folder.write(graph.finish(name), `${name}.onnx`);
}

/** `hn` is [x, −x] along a new first axis: the rows lie along the second. */
put('states', (graph) => {
  const x = graph.floatRows([2]);
  graph.gives(x, 'FP32', ['batch', 2], 'y');
  const both = [x, graph.op('Neg', [x])].map((value) => graph.op('Unsqueeze', [value, graph.integers([0])]));
  graph.gives(graph.op('Concat', both, { axis: 0 }), 'FP32', [2, 'batch', 2], 'hn');
});

/** Takes and gives [2, batch, 1], each element plus one. */
put('second', (graph) => {
  const h = graph.takes('h', 'FP32', [2, 'batch', 1], uniform(1));
  graph.gives(graph.op('Add', [h, graph.scalar(1)]), 'FP32', [2, 'batch', 1], 'hn');
});

/** Ids above zero, cut to the longest row. */
put('padded', (graph) => {
  const x = graph.takes('x', 'INT64', ['batch', 4], (random) => random.integer(3));
  const isSet = graph.op('Cast', [graph.op('Greater', [x, graph.integers([0], [])])], { to: elementTypes.INT64 });
  const longest = graph.op('ReduceMax', [graph.op('ReduceSum', [isSet, graph.integers([1])])], { keepdims: 0 });
  const end = graph.op('Unsqueeze', [longest, graph.integers([0])]);
  const cut = graph.op('Slice', [x, graph.integers([0]), end, graph.integers([1])]);
  graph.gives(cut, 'INT64', ['batch', 'longest']);
});

/** The mean over all rows is taken off each. */
put('centred', (graph) => {
  const x = graph.floatRows([1]);
  graph.gives(graph.op('Sub', [x, graph.op('ReduceMean', [x], { axes: { ints: [0] }, keepdims: 1 })]), 'FP32', [
    'batch',
    1,
  ]);
});

/** Positions of positive values: as many rows as there are. */
put('positions', (graph) => {
  const x = graph.floatRows([2]);
  const found = graph.op('NonZero', [graph.op('Greater', [x, graph.scalar(0)])]);
  graph.gives(graph.op('Transpose', [found], { perm: { ints: [1, 0] } }), 'INT64', ['n', 2]);
});

/** Values close to 4 × 10⁸ have their sum over all rows taken off; no trial draws such. */
const far = 400_000_000;
put('rarely-coupled', (graph) => {
  const x = graph.floatRows([1]);
  const isFar = graph.op('Less', [graph.op('Abs', [graph.op('Sub', [x, graph.scalar(far)])]), graph.scalar(1000)]);
  const sum = graph.op('ReduceSum', [graph.op('Where', [isFar, x, graph.scalar(0)]), graph.integers([0])], {
    keepdims: 1,
  });
  graph.gives(graph.op('Where', [isFar, graph.op('Sub', [x, sum]), x]), 'FP32', ['batch', 1]);
});

const server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '0']);
after(async () => {
  await server.stop();
  folder.remove();
});
await server.ready();

const batchingOf = async (model: string) =>
  (await server.get(`/v1/models/${model}/metadata`)).body.model_info?.batching;

const isProven = async (model: string): Promise<boolean> => {
  const batching = await batchingOf(model);
  return batching !== undefined && batching.pending !== true;
};

const predict = async (model: string, body: object) => (await server.post(`/v1/models/${model}/predict`, body)).body;

for (const hasProof of [false, true]) {
  const when = hasProof ? 'after the proof' : 'perhaps before the proof';
  const ask = async (model: string, body: object) => {
    if (hasProof) await server.until(() => isProven(model), `done with the proof of ${model}`);
    return predict(model, body);
  };

  test(`rows are cut along the batch axis of each output, ${when}`, async () => {
    const instances = [
      [1, 2],
      [3, 4],
    ];
    assert.deepEqual(await ask('states', { instances }), {
      predictions: [
        {
          y: [1, 2],
          hn: [
            [1, 2],
            [-1, -2],
          ],
        },
        {
          y: [3, 4],
          hn: [
            [3, 4],
            [-3, -4],
          ],
        },
      ],
    });
    assert.deepEqual(await ask('states', { inputs: instances }), {
      outputs: {
        y: instances,
        hn: [
          instances,
          [
            [-1, -2],
            [-3, -4],
          ],
        ],
      },
    });
  });

  test(`items are laid along the batch axis of the input, ${when}`, async () => {
    const answers = await Promise.all(
      [1, 10, 20].map((first) => ask('second', { instances: [0, 1, 2].map((row) => [[first + row], [-first - row]]) })),
    );
    for (const [index, first] of [1, 10, 20].entries()) {
      assert.deepEqual(answers[index], {
        predictions: [0, 1, 2].map((row) => [[first + row + 1], [1 - first - row]]),
      });
    }
  });

  test(`rows that must not share a run are each answered as if they were alone, ${when}`, async () => {
    const rows = [
      [1, 0, 0, 0],
      [1, 2, 3, 0],
      [0, 0, 0, 0],
    ];
    assert.deepEqual(await ask('padded', { instances: rows }), { predictions: [[1], [1, 2, 3], []] });
    assert.deepEqual(await ask('padded', { inputs: rows }), {
      outputs: [
        [1, 0, 0],
        [1, 2, 3],
        [0, 0, 0],
      ],
    });
    assert.deepEqual(await ask('centred', { instances: [[1], [3]] }), { predictions: [[0], [0]] });
    assert.deepEqual(await ask('centred', { inputs: [[1], [3]] }), { outputs: [[-1], [1]] });
  });

  test(`rows are refused where an output has none, also for one that has as many, ${when}`, async () => {
    for (const instances of [
      [[1, -1]],
      [
        [1, -1],
        [-1, 1],
      ],
    ]) {
      const { error } = await ask('positions', { instances });
      assert.match(error, /send \{"inputs": …\}/);
    }
    assert.deepEqual(
      await ask('positions', {
        inputs: [
          [1, -1],
          [1, 1],
        ],
      }),
      {
        outputs: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    );
  });
}

test('requests whose rows lie along another axis share runs', async () => {
  await server.until(() => isProven('second'), 'done with the proof');
  const { kind, axes } = await batchingOf('second');
  assert.deepEqual([kind, axes], ['dynamic', { inputs: { h: 1 }, outputs: { hn: 1 } }]);
});

test('a model whose rows turn out to influence each other in production is not batched any more', async () => {
  const model = 'rarely-coupled';
  await server.until(() => isProven(model), 'done with the proof');
  assert.equal((await batchingOf(model)).kind, 'dynamic', 'no trial can show what its draws do not');
  const instances = [[far], [far + 32], [far - 32]];
  const count = /^slipway_batching_disagreements_total\{model="rarely-coupled",version="1"\} 1$/m;
  await server.until(async () => {
    await predict(model, { instances });
    return count.test(await server.metrics());
  }, 'sure that rows influence each other');
  const { kind, reason } = await batchingOf(model);
  assert.equal(kind, 'none');
  assert.match(reason, /output "y" of a row changes with the rows beside it/);
  assert.ok(server.log.some(({ level, msg }) => level === 'warn' && msg.includes('not batched any more: output "y"')));
  const alone = { predictions: [[0], [0], [0]] };
  assert.deepEqual(await predict(model, { instances }), alone, 'rows run one by one from now on');
  const columns = await Promise.all(instances.map((row) => predict(model, { inputs: [row] })));
  assert.deepEqual(columns, [{ outputs: [[0]] }, { outputs: [[0]] }, { outputs: [[0]] }]);
});
