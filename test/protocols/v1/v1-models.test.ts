import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestServer } from '../test-server.js';

const { app } = await startTestServer({ after });

async function get(url: string): Promise<{ status: number; body: unknown }> {
  const { statusCode, body } = await app.inject({ method: 'GET', url });
  return { status: statusCode, body: JSON.parse(body) as unknown };
}

test('the list holds every model with its versions and its state', async () => {
  const { body } = await get('/v1/models');
  const { models } = body as { models: { name: string }[] };
  const named = (name: string) => models.find((model) => model.name === name);
  assert.deepEqual(named('flower'), { name: 'flower', versions: ['1'], state: 'AVAILABLE', labels: { stable: '1' } });
  assert.deepEqual(named('broken'), { name: 'broken', versions: ['1'], state: 'END', reason: 'the file is truncated' });
});

test('the status of a model names its versions as strings', async () => {
  const wanted = {
    version: '1',
    state: 'AVAILABLE',
    status: { error_code: 'OK', error_message: '' },
    labels: ['stable'],
  };
  for (const path of ['', '/versions/1', '/labels/stable']) {
    const { status, body } = await get(`/v1/models/flower${path}`);
    assert.deepEqual(body, { name: 'flower', ready: true, model_version_status: [wanted] });
    assert.equal(status, 200);
  }
});

test('the status of a model that does not serve is a 200 with the reason', async () => {
  const { status, body } = await get('/v1/models/broken');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    name: 'broken',
    ready: false,
    model_version_status: [
      {
        version: '1',
        state: 'END',
        status: { error_code: 'FAILED_PRECONDITION', error_message: 'the file is truncated' },
      },
    ],
  });
});

test('metadata is in the form of TensorFlow Serving', async () => {
  const { body } = await get('/v1/models/flower/metadata');
  const { model_spec, metadata } = body as {
    model_spec: unknown;
    metadata: { signature_def: { signature_def: { serving_default: Record<string, unknown> } } };
  };
  assert.deepEqual(model_spec, { name: 'flower', signature_name: '', version: '1' });
  const { inputs, outputs, method_name } = metadata.signature_def.signature_def.serving_default;
  assert.equal(method_name, 'tensorflow/serving/predict');
  assert.deepEqual(inputs, {
    x: {
      dtype: 'DT_FLOAT',
      tensor_shape: {
        dim: [
          { size: '-1', name: 'batch' },
          { size: '4', name: '' },
        ],
        unknown_rank: false,
      },
      name: 'x:0',
    },
  });
  assert.deepEqual((outputs as { probabilities: { class_labels: unknown } }).probabilities.class_labels, [
    'setosa',
    'versicolor',
    'virginica',
  ]);
});

test('metadata tells what runs were measured to cost, and how many there can be at a time', async () => {
  const { body } = await get('/v1/models/flower/metadata');
  const { instances, costs } = (body as { model_info: { instances: unknown; costs: unknown } }).model_info;
  assert.equal(instances, 1);
  assert.deepEqual(costs, [
    { rows: 1, ms: 0.0123 },
    { rows: 32, ms: 0.1 },
  ]);
});

test('a lease that metadata took is handed back', async (context) => {
  const server = await startTestServer(context);
  await server.app.inject('/v1/models/flower/metadata');
  await server.app.inject('/v2/models/flower');
  await server.app.inject('/v2/models/flower/ready');
  assert.equal(server.service.leases, 0);
});

test('GET / shows where to go and a request that works', async () => {
  const { body } = await get('/');
  const { try: line } = body as { try: string };
  const [, url = '', payload = ''] = /^curl -s http:\/\/[^/]+(\/\S+) -d '(.*)'$/.exec(line) ?? [];
  const answer = await app.inject({ method: 'POST', url, payload });
  assert.equal(answer.statusCode, 200, answer.body);
});

test('health is answered under the names orchestrators ask for', async (context) => {
  const server = await startTestServer(context);
  const statusOf = async (url: string) => (await server.app.inject(url)).statusCode;
  for (const url of ['/healthz', '/livez', '/readyz', '/v2/health/live', '/v2/health/ready']) {
    assert.equal(await statusOf(url), 200, url);
  }
  server.service.ready = false;
  assert.deepEqual(
    await Promise.all(['/healthz', '/livez', '/v2/health/live', '/readyz', '/v2/health/ready'].map(statusOf)),
    [200, 200, 200, 503, 503],
  );
});

test('metrics are shown as they are rendered', async () => {
  const { body, headers } = await app.inject('/metrics');
  assert.equal(body, 'slipway_up 1\n');
  assert.equal(headers['content-type'], 'text/plain; version=0.0.4');
});
