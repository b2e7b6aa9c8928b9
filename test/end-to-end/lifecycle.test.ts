import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Clients } from '../support/clients.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const irisFile = (version: number): string => join(shippedModels, `iris/${version}/model.onnx`);
const flower = { instances: [[5.1, 3.5, 1.4, 0.2]] };
const isSetosa = (body: unknown): boolean =>
  (body as { predictions?: { label: string }[] }).predictions?.[0]?.label === 'setosa';

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  folder.put(irisFile(1), 'iris/1/model.onnx');
  folder.write('this is no model', 'broken/1/model.onnx');
  server = await (await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '50'])).ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

const stateOf = async (name: string, version: number): Promise<string | undefined> => {
  const { body } = await server.get(`/v1/models/${name}`);
  const status = body.model_version_status?.find((one: { version: string }) => one.version === String(version));
  return status?.state;
};

test('a broken model does not stop the others, and its reason is in the API', async () => {
  assert.equal((await server.post('/v1/models/iris/predict', flower)).status, 200);
  const { status, body } = await server.post('/v1/models/broken/predict', flower);
  assert.equal(status, 503);
  assert.match(body.error, /broken/);
  const index = await server.post('/v2/repository/index', '');
  const entry = index.body.find((one: { name: string }) => one.name === 'broken');
  assert.equal(entry.state, 'UNAVAILABLE');
  assert.ok(entry.reason.length > 10, entry.reason);
});

test('a new version takes over, is replaced and goes away again without one failed request', async () => {
  const clients = new Clients(server, { count: 8, path: '/v1/models/iris/predict', body: flower, isRight: isSetosa });
  await clients.answered(50);
  folder.put(irisFile(2), 'iris/2/model.onnx');
  await server.until(
    async () => (await stateOf('iris', 2)) === 'AVAILABLE' && (await stateOf('iris', 1)) === undefined,
    'at version 2',
  );
  await clients.answered(50);
  const starts = async (): Promise<number> =>
    Number(/slipway_engine_starts_total\{model="iris",version="2"\} (\d+)/.exec(await server.metrics())?.[1] ?? 0);
  const startsBefore = await starts();
  folder.put(irisFile(1), 'iris/2/model.onnx');
  await server.until(
    async () => (await starts()) > startsBefore && (await stateOf('iris', 2)) === 'AVAILABLE',
    'swapped',
  );
  await clients.answered(50);
  folder.delete('iris/2');
  await server.until(
    async () => (await stateOf('iris', 1)) === 'AVAILABLE' && (await stateOf('iris', 2)) === undefined,
    'back at version 1',
  );
  await clients.answered(50);
  const { sent, right, wrong } = await clients.stop();
  assert.deepEqual(wrong, []);
  assert.equal(right, sent);
});

test('a new version that cannot be loaded does not replace the one that serves', async () => {
  folder.write('half a model', 'iris/3/model.onnx');
  await server.until(async () => (await stateOf('iris', 3)) === 'END', 'done with version 3');
  assert.equal((await server.post('/v1/models/iris/predict', flower)).status, 200);
  const { body } = await server.get('/v1/models/iris/versions/3');
  assert.notEqual(body.model_version_status[0].status.error_message, '');
  folder.delete('iris/3');
  await server.until(async () => (await stateOf('iris', 3)) === undefined, 'without version 3');
});

test('a bare file is a model, found while running, and gone when it is deleted', async () => {
  folder.put(irisFile(1), 'flower.onnx');
  await server.until(
    async () => (await server.post('/v1/models/flower/predict', flower)).status === 200,
    'serving flower',
  );
  folder.delete('flower.onnx');
  await server.until(async () => (await server.get('/v1/models/flower')).status === 404, 'without flower');
  const { status, body } = await server.post('/v1/models/flower/predict', flower);
  assert.equal(status, 404);
  assert.match(body.error, /Servable not found for request: Latest\(flower\)/);
});

test('a link out of the folder is not followed', async () => {
  symlinkSync(join(shippedModels, 'digits'), join(folder.path, 'escaped'));
  await server.until(async () => server.log.some((line) => line.model === 'escaped'), 'reporting the link');
  assert.notEqual((await server.post('/v1/models/escaped/predict', flower)).status, 200);
  folder.delete('escaped');
});

test('a model is unloaded and loaded through the API', async () => {
  assert.equal((await server.post('/v2/repository/models/iris/unload', '')).status, 200);
  assert.equal((await server.post('/v1/models/iris/predict', flower)).status, 404);
  assert.equal((await server.get('/v2/models/iris/ready')).status, 503);
  assert.equal((await server.post('/v2/repository/models/iris/load', '')).status, 200);
  assert.equal((await server.post('/v1/models/iris/predict', flower)).status, 200);
});
