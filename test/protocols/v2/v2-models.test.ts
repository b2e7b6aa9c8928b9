import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });

async function get(url: string): Promise<{ status: number; body: unknown }> {
  const { statusCode, body } = await app.inject({ method: 'GET', url });
  return { status: statusCode, body: JSON.parse(body) as unknown };
}

test('the server says its name, version and the extensions that work', async () => {
  for (const url of ['/v2', '/v2/']) {
    assert.deepEqual((await get(url)).body, {
      name: 'slipway',
      version: '1.2.3',
      extensions: [
        'binary_tensor_data',
        'classification',
        'model_configuration',
        'model_repository',
        'parameters',
        'schedule_policy',
        'statistics',
      ],
    });
  }
});

test('the metadata of a model, with what the protocol has no field for beside it', async () => {
  const { body } = await get('/v2/models/flower');
  assert.deepEqual(body, {
    name: 'flower',
    versions: ['1'],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [
      { name: 'label', datatype: 'BYTES', shape: [-1] },
      {
        name: 'probabilities',
        datatype: 'FP32',
        shape: [-1, 3],
        parameters: { class_labels: ['setosa', 'versicolor', 'virginica'] },
      },
    ],
    properties: { version: '1', labels: ['stable'], producer: 'puppet 1' },
  });
  assert.deepEqual((await get('/v2/models/flower/versions/1')).body, body);
});

test('a model that serves is ready, another is a 503 with the reason, an unknown one a 404', async () => {
  assert.deepEqual(await get('/v2/models/flower/ready'), { status: 200, body: { name: 'flower', ready: true } });
  const broken = await get('/v2/models/broken/ready');
  assert.equal(broken.status, 503);
  assert.match(JSON.stringify(broken.body), /^\{"name":"broken","ready":false,"error":".*truncated"\}$/);
  assert.equal((await get('/v2/models/nobody/ready')).status, 404);
});

test('the configuration leaves the batch axis out where rows are batched', async () => {
  assert.deepEqual((await get('/v2/models/flower/config')).body, {
    name: 'flower',
    platform: 'onnx_onnxv1',
    backend: 'onnxruntime',
    max_batch_size: 16,
    input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [4] }],
    output: [
      { name: 'label', data_type: 'TYPE_STRING', dims: [] },
      { name: 'probabilities', data_type: 'TYPE_FP32', dims: [3] },
    ],
    instance_group: [{ count: 1, kind: 'KIND_CPU' }],
    dynamic_batching: {},
  });
});

test('the configuration of a model that is not batched has whole shapes', async () => {
  const { body } = await get('/v2/models/wide/versions/1/config');
  const config = body as { max_batch_size: number; input: { dims: number[] }[]; dynamic_batching?: unknown };
  assert.equal(config.max_batch_size, 0);
  assert.deepEqual(config.input[0]?.dims, [-1, 3]);
  assert.equal(config.dynamic_batching, undefined);
});

test('statistics count rows and runs and sum times in nanoseconds', async () => {
  const { body } = await get('/v2/models/flower/stats');
  const some = { count: 2, ns: 500_000 };
  assert.deepEqual(body, {
    model_stats: [
      {
        name: 'flower',
        version: '1',
        last_inference: 1_700_000_000_000,
        inference_count: 5,
        execution_count: 2,
        inference_stats: {
          success: some,
          fail: { count: 0, ns: 0 },
          queue: some,
          compute_input: some,
          compute_infer: some,
          compute_output: { count: 2, ns: 0 },
          cache_hit: { count: 0, ns: 0 },
          cache_miss: { count: 0, ns: 0 },
        },
        batch_stats: [
          {
            batch_size: 4,
            compute_input: { count: 2, ns: 0 },
            compute_infer: some,
            compute_output: { count: 2, ns: 0 },
          },
        ],
      },
    ],
  });
  const all = (await get('/v2/models/stats')).body as { model_stats: unknown[] };
  assert.ok(all.model_stats.length > 10);
});

async function post(url: string, payload?: string, server = app): Promise<{ status: number; body: string }> {
  const { statusCode, body } = await server.inject({ method: 'POST', url, ...(payload !== undefined && { payload }) });
  return { status: statusCode, body };
}

test('the index lists every version with its state', async () => {
  const { body } = await post('/v2/repository/index');
  const lines = JSON.parse(body) as { name: string; state: string }[];
  const named = (name: string) => lines.filter((line) => line.name === name);
  assert.deepEqual(named('flower'), [{ name: 'flower', version: '1', state: 'READY', reason: '' }]);
  assert.deepEqual(named('broken'), [
    { name: 'broken', version: '1', state: 'UNAVAILABLE', reason: 'the file is truncated' },
  ]);
  const ready = JSON.parse((await post('/v2/repository/index', '{"ready": true}')).body) as { state: string }[];
  assert.equal(ready.length, lines.length - 1);
});

test('models are loaded and unloaded, with a body or without one', async (context) => {
  const { app: server, service } = await startTestServer(context);
  assert.deepEqual(
    await post('/v2/repository/models/flower/unload', '{"parameters":{"unload_dependents":true}}', server),
    {
      status: 200,
      body: '',
    },
  );
  assert.deepEqual(await post('/v2/repository/models/flower/load', undefined, server), { status: 200, body: '' });
  assert.deepEqual(service.controlled, ['unload flower', 'load flower']);
  assert.equal((await post('/v2/repository/models/nobody/load', undefined, server)).status, 404);
});

test('a model sent along to be loaded is refused', async () => {
  const { status, body } = await post('/v2/repository/models/flower/load', '{"parameters":{"config":"{}"}}');
  assert.equal(status, 501);
  assert.match(body, /parameters\.config/);
});

test('where control is off nobody loads or unloads, and the extension is not announced', async (context) => {
  const { app: server, service } = await startTestServer(context, { config: { modelControl: false } });
  const { status, body } = await post('/v2/repository/models/flower/unload', undefined, server);
  assert.equal(status, 403);
  assert.match(body, /SLIPWAY_MODEL_CONTROL/);
  assert.deepEqual(service.controlled, []);
  assert.ok(!(await server.inject('/v2')).body.includes('model_repository'));
});
