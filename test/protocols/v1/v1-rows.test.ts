import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Batching } from '../../../src/core/model.js';
import type { NamedTensor, Tensor } from '../../../src/core/tensor.js';
import type { Dimension, TensorSpec } from '../../../src/core/tensor-spec.js';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';

const spec = (name: string, shape: readonly Dimension[], rest: Partial<TensorSpec> = {}): TensorSpec => ({
  name,
  dataType: 'FP32',
  shape,
  ...rest,
});

const along = (inputs: Record<string, number>, outputs: Record<string, number>): Batching => ({
  kind: 'dynamic',
  maxBatchSize: 16,
  axes: { inputs: new Map(Object.entries(inputs)), outputs: new Map(Object.entries(outputs)) },
});

const echo =
  (pairs: Record<string, string>) =>
  (inputs: ReadonlyMap<string, Tensor>): NamedTensor[] =>
    Object.entries(pairs).map(([name, input]) => ({ ...(inputs.get(input) as Tensor), name }));

const zeros = (name: string, ...shape: number[]): NamedTensor => ({
  name,
  dataType: 'FP32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

const models: readonly PuppetModel[] = [
  {
    name: 'states',
    signature: { inputs: [spec('h', [2, 'batch', 3])], outputs: [spec('hn', [2, 'batch', 3])] },
    batching: along({ h: 1 }, { hn: 1 }),
    compute: echo({ hn: 'h' }),
  },
  {
    name: 'cell',
    signature: {
      inputs: [spec('x', ['batch', 2]), spec('h', [2, 'batch', 1])],
      outputs: [spec('y', ['batch', 2]), spec('hn', [2, 'batch', 1])],
    },
    batching: along({ x: 0, h: 1 }, { y: 0, hn: 1 }),
    compute: echo({ y: 'x', hn: 'h' }),
  },
  {
    name: 'detector',
    signature: {
      inputs: [spec('x', ['batch', 2])],
      outputs: [spec('scores', ['batch', 2]), spec('boxes', ['n', 1, 6])],
    },
    batching: along({ x: 0 }, { scores: 0 }),
    // As many boxes as rows.
    compute: (inputs) => {
      const x = inputs.get('x') as Tensor;
      return [{ ...x, name: 'scores' }, zeros('boxes', x.shape[0] as number, 1, 6)];
    },
  },
  {
    name: 'table',
    signature: { inputs: [spec('x', ['batch', 2]), spec('k', ['n'])], outputs: [spec('y', ['batch', 2])] },
    batching: along({ x: 0 }, { y: 0 }),
    compute: echo({ y: 'x' }),
  },
  {
    name: 'threshold',
    signature: {
      inputs: [spec('x', ['batch', 2]), spec('least', [1], { optional: true })],
      outputs: [spec('y', ['batch', 2])],
    },
    compute: echo({ y: 'x' }),
  },
  {
    name: 'whole',
    signature: { inputs: [spec('x', ['n', 2])], outputs: [spec('y', ['n', 2])] },
    batching: { kind: 'none', reason: 'output "y" of a row changes with the rows beside it' },
    compute: echo({ y: 'x' }),
  },
];

const servers = [
  ['at once', await startTestServer({ after }, { models })],
  ['in another thread', await startTestServer({ after }, { models, threadsFromBytes: 0 })],
] as const;

for (const [how, { app, service }] of servers) {
  const post = async (model: string, verb: string, body: object) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/v1/models/${model}:${verb}`,
      payload: JSON.stringify(body),
    });
    return { status: answer.statusCode, body: answer.json() };
  };

  test(`${how}: an item is a row without the batch axis, wherever that lies`, async () => {
    const instances = [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [
        [7, 8, 9],
        [10, 11, 12],
      ],
    ];
    const { body } = await post('states', 'predict', { instances });
    assert.deepEqual(body, { predictions: instances });
    const h = service.requests.at(-1)?.inputs.get('h');
    assert.deepEqual(
      [h?.shape, [...(h?.data ?? [])]],
      [
        [2, 2, 3],
        [1, 2, 3, 7, 8, 9, 4, 5, 6, 10, 11, 12],
      ],
    );
  });

  test(`${how}: each input and output has its own axis`, async () => {
    const rows = [1, 2, 3].map((value) => ({ x: [value, value], h: [[value], [-value]] }));
    const { body } = await post('cell', 'predict', { instances: rows });
    assert.deepEqual(body, { predictions: rows.map(({ x, h }) => ({ y: x, hn: h })) });
    assert.deepEqual(service.requests.at(-1)?.inputs.get('h')?.shape, [2, 3, 1]);
  });

  test(`${how}: column form goes as it came`, async () => {
    const { body } = await post('states', 'predict', { inputs: [[[1, 2, 3]], [[4, 5, 6]]] });
    assert.deepEqual(body, { outputs: [[[1, 2, 3]], [[4, 5, 6]]] });
  });

  for (const [what, model, body, says] of [
    [
      'an output without rows, though it has as many',
      'detector',
      {
        instances: [
          [1, 2],
          [3, 4],
        ],
      },
      /output "boxes" has no row/,
    ],
    ['an output without rows, for one row', 'detector', { instances: [[1, 2]] }, /output "boxes" has no row/],
    [
      'an input that all rows share',
      'table',
      { instances: [{ x: [1, 2], k: 1 }] },
      /input "k" has no row for each item/,
    ],
    ['a model without a batch axis', 'whole', { instances: [[1, 2]] }, /takes no rows \(output "y" of a row changes/],
    [
      'a parameter of the whole request',
      'threshold',
      { instances: [{ x: [1, 2], least: 5 }] },
      /input "least" has no row/,
    ],
  ] as const) {
    test(`${how}: rows are refused for ${what}`, async () => {
      const answer = await post(model, 'predict', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body.error, says);
      assert.match(answer.body.error, /send \{"inputs": …\}/);
    });
  }

  test(`${how}: examples need rows only in the output that they ask for`, async () => {
    const examples = [{ x: [1, 2] }, { x: [3, 4] }];
    const { body } = await post('detector', 'classify', { examples });
    assert.deepEqual(body, {
      results: [
        [
          ['0', 1],
          ['1', 2],
        ],
        [
          ['0', 3],
          ['1', 4],
        ],
      ],
    });
    const refused = await post('whole', 'classify', { examples });
    assert.equal(refused.status, 400);
    assert.match(refused.body.error, /examples: the model takes no rows.*call predict with \{"inputs"/);
  });
}
