import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Batching } from '../../../src/core/model.js';
import { puppetModels } from '../puppet-models.js';
import type { PuppetModel } from '../puppet-service.js';
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

test('the configuration has the fields that clients of Triton read', async () => {
  const { body } = await get('/v2/models/flower/config');
  const { instance_group, optimization, dynamic_batching, ...config } = body as Record<string, object>;
  const isShape = { is_shape_tensor: false };
  assert.deepEqual(config, {
    name: 'flower',
    platform: 'onnx_onnxv1',
    backend: 'onnxruntime',
    runtime: '',
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: 4096,
    input: [{ name: 'x', data_type: 'TYPE_FP32', format: 'FORMAT_NONE', dims: [4], ...isShape }],
    output: [
      { name: 'label', data_type: 'TYPE_STRING', dims: [1], reshape: { shape: [] }, ...isShape },
      { name: 'probabilities', data_type: 'TYPE_FP32', dims: [3], ...isShape },
    ],
    batch_input: [],
    batch_output: [],
    default_model_filename: 'model.onnx',
    cc_model_filenames: {},
    metric_tags: {},
    parameters: {},
    model_warmup: [],
  });
  assert.equal((instance_group as unknown as { count: number }[])[0]?.count, 1);
  assert.ok('priority' in optimization! && 'preferred_batch_size' in dynamic_batching!);
});

test('the configuration has what the settings of the model say', async (context) => {
  const flower = puppetModels.find(({ name }) => name === 'flower')!;
  const tensor = { name: 'x', dims: [4], format: 'FORMAT_NHWC' };
  const config = {
    versionPolicy: { kind: 'specific', versions: [1, 3] },
    preferredBatchSizes: [4, 8],
    maxQueueDelayMs: 0.5,
    parameters: { key: 'value' },
    tensors: { batchAxis: 'implied', inputs: [tensor], outputs: [] },
  } as const;
  const { app: server } = await startTestServer(context, { models: [{ ...flower, config }] });
  const body = (await server.inject('/v2/models/flower/config')).json<Record<string, unknown>>();
  assert.deepEqual(body.version_policy, { specific: { versions: [1, 3] } });
  assert.deepEqual(body.parameters, { key: { string_value: 'value' } });
  assert.equal((body.input as { format: string }[])[0]?.format, 'FORMAT_NHWC');
  const batching = body.dynamic_batching as Record<string, unknown>;
  assert.deepEqual(batching.preferred_batch_size, [4, 8]);
  assert.equal(batching.max_queue_delay_microseconds, 500);
});

test('the size of a request in the configuration does not depend on what was learned or is still being proved', async (context) => {
  const flower = puppetModels.find(({ name }) => name === 'flower')!;
  const names = ({ signature: { inputs, outputs } }: PuppetModel) => ({
    inputs: new Map(inputs.map(({ name }) => [name, 0])),
    outputs: new Map(outputs.map(({ name }) => [name, 0])),
  });
  const axes = names(flower);
  const batchings: readonly [Batching, number][] = [
    [{ kind: 'dynamic', maxBatchSize: 16 }, 4096],
    [{ kind: 'dynamic', maxBatchSize: 512 }, 4096],
    [{ kind: 'dynamic', maxBatchSize: 16, axes }, 4096],
    [{ kind: 'none', reason: 'still being proved', pending: true, axes }, 4096],
    [{ kind: 'none', reason: 'rows influence each other', axes }, 0],
    [{ kind: 'dynamic', maxBatchSize: 16, axes: { ...axes, inputs: new Map([['x', 1]]) } }, 0],
    [{ kind: 'fixed', rows: 4 }, 0],
  ];
  for (const [batching, expected] of batchings) {
    const { app: server } = await startTestServer(context, { models: [{ ...flower, batching }] });
    const { max_batch_size } = (await server.inject('/v2/models/flower/config')).json<{ max_batch_size: number }>();
    assert.equal(max_batch_size, expected, JSON.stringify(batching));
  }
});

test('one element a row may be sent as the configuration says it', async (context) => {
  const echo: PuppetModel = {
    name: 'echo',
    signature: {
      inputs: [{ name: 'x', dataType: 'INT64', shape: ['batch'] }],
      outputs: [{ name: 'y', dataType: 'INT64', shape: ['batch'] }],
    },
    compute: (inputs) => [{ ...inputs.get('x')!, name: 'y' }],
  };
  const { app: server } = await startTestServer(context, { models: [echo] });
  const payload = { inputs: [{ name: 'x', datatype: 'INT64', shape: [3, 1], data: [1, 2, 3] }] };
  const answer = await server.inject({ method: 'POST', url: '/v2/models/echo/infer', payload });
  assert.equal(answer.statusCode, 200, answer.body);
  const { outputs } = answer.json<{ outputs: object[] }>();
  assert.deepEqual(outputs, [{ name: 'y', datatype: 'INT64', shape: [3], data: [1, 2, 3] }]);
});

test('the configuration of a model that is not batched has whole shapes', async () => {
  const { body } = await get('/v2/models/wide/versions/1/config');
  const config = body as {
    max_batch_size: number;
    input: { dims: number[] }[];
    dynamic_batching?: unknown;
    parameters: unknown;
  };
  assert.equal(config.max_batch_size, 0);
  assert.deepEqual(config.input[0]?.dims, [-1, 3]);
  assert.equal(config.dynamic_batching, undefined);
  assert.deepEqual(config.parameters, { not_batched: { string_value: 'its output has no batch axis' } });
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

test('settings sent along are passed on, and what means nothing here is passed over with a warning', async (context) => {
  const { app: server, service, warned } = await startTestServer(context);
  const parameters = { config: '{"max_batch_size": 4}', priority: 1, other: null };
  const load = await post('/v2/repository/models/flower/load', JSON.stringify({ parameters }), server);
  assert.deepEqual(load, { status: 200, body: '' });
  for (const body of ['{"parameters":null}', '{"parameters":{}}', '{}', '{"parameters":{"config":null}}']) {
    assert.equal((await post('/v2/repository/models/flower/load', body, server)).status, 200, body);
  }
  assert.deepEqual(service.controlled, [
    'load flower with {"max_batch_size": 4}',
    ...Array.from({ length: 4 }, () => 'load flower'),
  ]);
  assert.deepEqual(warned, [{ model: 'flower', passedOver: ['priority', 'other'] }]);
  const wrong = await post('/v2/repository/models/flower/load', '{"parameters":{"config":{}}}', server);
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /parameters\.config: expected the JSON text/);
});

test('files sent along to be loaded are refused, saying what to do', async () => {
  const body = '{"parameters":{"config":"{}","file:1/model.onnx":"AAAA"}}';
  const { status, body: answer } = await post('/v2/repository/models/flower/load', body);
  assert.equal(status, 501);
  assert.match(answer, /file:1\/model\.onnx.*put them into its models folder, then load/);
});

test('the names of all models are listed', async () => {
  const { status, body } = await get('/v2/models');
  assert.equal(status, 200);
  const { models } = body as { models: string[] };
  assert.ok(models.includes('flower') && models.includes('broken'));
});

test("an unknown model is told in the words that Triton's clients look for", async () => {
  const body = '{"inputs":[]}';
  const answers = [
    await post('/v2/models/flowr/infer', body),
    await app.inject('/v2/models/flowr'),
    await app.inject('/v2/models/flowr/config'),
    await app.inject('/v2/models/flowr/stats'),
    await app.inject('/v2/models/flowr/ready'),
  ];
  for (const answer of answers) {
    assert.equal('status' in answer ? answer.status : answer.statusCode, 404);
    const { error } = JSON.parse(answer.body) as { error: string };
    assert.equal(error, `Request for unknown model: 'flowr' is not found; did you mean "flower"?`);
  }
  const version = await app.inject('/v2/models/flower/versions/7');
  assert.match(version.body, /^{"error":"Request for unknown model: 'flower' version 7 is not found/);
});

const nulls: readonly [about: string, url: string, payload: string][] = [
  ['ready', '/v2/repository/index', '{"ready":null}'],
  [
    "a request's members",
    '/v2/models/flower/infer',
    '{"id":null,"parameters":{"priority":null,"timeout":null,"binary_data_output":null,"non_finite":null},"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","parameters":{"binary_data_size":null,"content_type":null},"data":[1,2,3,4]}],"outputs":[{"name":"label","parameters":{"binary_data":null,"classification":null,"content_type":null}}]}',
  ],
  [
    'whole members',
    '/v2/models/flower/infer',
    '{"parameters":null,"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","parameters":null,"data":[1,2,3,4]}],"outputs":null}',
  ],
  [
    "a v1 request's members",
    '/v1/models/flower/predict',
    '{"signature_name":null,"parameters":null,"inputs":null,"instances":[[1,2,3,4]]}',
  ],
];

for (const [about, url, payload] of nulls) {
  test(`null stands for what is absent: ${about}`, async () => {
    const answer = await post(url, payload);
    assert.equal(answer.status, 200, answer.body);
  });
}

test('shared memory: nothing is registered, to forget is done, to register is refused with what to do', async () => {
  for (const kind of ['system', 'cuda']) {
    const url = `/v2/${kind}sharedmemory`;
    assert.deepEqual(await get(`${url}/status`), { status: 200, body: [] });
    assert.equal((await get(`${url}/region/r/status`)).status, 404);
    assert.deepEqual(await post(`${url}/unregister`), { status: 200, body: '' });
    assert.deepEqual(await post(`${url}/region/r/unregister`), { status: 200, body: '' });
    const register = await post(`${url}/region/r/register`, '{"key":"/../etc/passwd","offset":0,"byte_size":64}');
    assert.equal(register.status, 501);
    assert.match(register.body, /send tensors in the request, as raw bytes/);
    if (kind === 'system') assert.match(register.body, /--shared-memory/);
  }
});

test('trace and log settings can be read and not be changed', async () => {
  const trace = await get('/v2/trace/setting');
  assert.deepEqual((trace.body as { trace_level: string[] }).trace_level, ['OFF']);
  assert.deepEqual(await get('/v2/models/flower/trace/setting'), trace);
  assert.equal((await get('/v2/models/flowr/trace/setting')).status, 404);
  assert.equal((await get('/v2/logging')).status, 200);
  for (const url of ['/v2/trace/setting', '/v2/models/flower/trace/setting', '/v2/logging']) {
    const { status, body } = await post(url, '{"log_verbose_level":1}');
    assert.equal(status, 501, url);
    assert.match(body, /--log-level/);
    const foreign = await app.inject({ method: 'POST', url, headers: { origin: 'http://evil.example' } });
    assert.equal(foreign.statusCode, 403, url);
  }
});
