import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';
import { Clients } from '../support/clients.js';
import { ModelFolder } from '../support/model-folder.js';
import { type JsonResponse, ServerProcess } from '../support/server-process.js';

const models = join(projectRoot(), 'test/models');
/** `y` is so many times `x`. */
const times = (factor: 1 | 2 | 3): string => join(models, `chaos/times-${factor}.onnx`);
const contentOf = (file: string): string => readFileSync(file).toString('base64');

const folder = new ModelFolder();
const temporary = mkdtempSync(join(tmpdir(), 'slipway-test-uploads-'));
let server: ServerProcess;
before(async () => {
  folder.put(times(1), 'times/1/model.onnx');
  const flags = ['--models', folder.path, '--model-uploads', '--poll-interval-ms', '50'];
  server = await (await ServerProcess.start(flags, { TMPDIR: temporary })).ready();
});
after(async () => {
  assert.equal(await server.stop(), 0);
  assert.deepEqual(readdirSync(temporary), [], 'nothing is left');
  folder.remove();
  rmSync(temporary, { recursive: true });
});

type Parameters = Readonly<Record<string, unknown>>;

const load = (name: string, parameters: Parameters = {}): Promise<JsonResponse> =>
  server.post(`/v2/repository/models/${name}/load`, { parameters });
const unload = (name: string): Promise<JsonResponse> => server.post(`/v2/repository/models/${name}/unload`, '');

/** As `load_model(name, config=…, files={…})` of Triton's clients sends it. */
const upload = (name: string, files: Readonly<Record<string, string>>, config = '{}'): Promise<JsonResponse> =>
  load(name, {
    config,
    ...Object.fromEntries(Object.entries(files).map(([path, file]) => [`file:${path}`, contentOf(file)])),
  });

const ask = (name: string, version?: number): Promise<JsonResponse> =>
  server.post(`/v1/models/${name}${version === undefined ? '' : `/versions/${version}`}/predict`, {
    inputs: [[1, 2]],
  });
const answerOf = async (name: string): Promise<unknown> => (await ask(name)).body.outputs?.[0]?.[1];

/** Folders that the server made for files that came. */
function folders(): readonly string[] {
  const [own] = readdirSync(temporary).filter((name) => existsSync(join(temporary, name, 'uploads')));
  return own === undefined ? [] : readdirSync(join(temporary, own, 'uploads'));
}

const stateOf = async (name: string): Promise<readonly string[]> => {
  const { body } = await server.post('/v2/repository/index', '');
  const lines = body.filter((line: { name: string }) => line.name === name);
  return lines.map(({ version, state }: { version: string; state: string }) => `${version} ${state}`);
};

test('a model that lies nowhere is served from the files that came, until it is unloaded', async () => {
  const { status, body } = await upload('guest', { '2/model.onnx': times(3) });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body, '');
  assert.equal(await answerOf('guest'), 6);
  assert.deepEqual(await stateOf('guest'), ['2 READY']);
  assert.equal(folders().length, 1);
  const again = await load('guest');
  assert.equal(again.status, 404);
  assert.match(again.body.error, /^failed to load 'guest', its files came with a request, and no model of this name/);
  assert.equal(await answerOf('guest'), 6, 'what served goes on');
  assert.equal((await unload('guest')).status, 200);
  assert.equal((await ask('guest')).status, 404);
  assert.deepEqual(await stateOf('guest'), []);
  assert.deepEqual(folders(), []);
});

test('files stand in the place of the model in the folder until it is loaded without them', async () => {
  assert.equal(await answerOf('times'), 2);
  assert.equal((await upload('times', { '1/model.onnx': times(2) })).status, 200);
  assert.equal(await answerOf('times'), 4);
  folder.put(times(1), 'times/2/model.onnx');
  assert.equal((await upload('times', { '7/model.onnx': times(3) })).status, 200);
  assert.equal(await answerOf('times'), 6);
  assert.equal((await ask('times', 2)).status, 404, 'what lies in the folder is hidden');
  assert.equal(folders().length, 1, 'what was replaced is removed');
  assert.equal((await load('times')).status, 200);
  assert.equal(await answerOf('times'), 2);
  assert.deepEqual(await stateOf('times'), ['2 READY']);
  assert.deepEqual(folders(), []);
  folder.delete('times/2');
  await server.until(async () => (await stateOf('times')).join() === '1 READY', 'back at version 1');
});

test('after it is unloaded, a model that lies in the folder too is loaded from there', async () => {
  assert.equal((await upload('times', { '1/model.onnx': times(2) })).status, 200);
  assert.equal((await unload('times')).status, 200);
  assert.equal((await ask('times')).status, 404);
  assert.deepEqual(folders(), []);
  assert.equal((await load('times')).status, 200);
  assert.equal(await answerOf('times'), 2);
});

test('requests go on being answered while files take the place of files', async () => {
  const isRight = (body: unknown): boolean =>
    [2, 4, 6].includes((body as { outputs: number[][] }).outputs[0]?.[1] ?? 0);
  const question = { count: 4, path: '/v1/models/times/predict', body: { inputs: [[1, 2]] }, isRight };
  const clients = new Clients(server, question);
  await clients.answered(10);
  for (const factor of [2, 3, 2] as const) {
    assert.equal((await upload('times', { '1/model.onnx': times(factor) })).status, 200);
    assert.equal(await answerOf('times'), 2 * factor);
  }
  assert.equal((await load('times')).status, 200);
  await clients.answered(10);
  assert.deepEqual((await clients.stop()).wrong, []);
});

test('two who send files for one model at once are served one after the other', async () => {
  const answers = await Promise.all([
    upload('times', { '1/model.onnx': times(2) }),
    upload('times', { '1/model.onnx': times(3) }),
    upload('times', { '1/model.onnx': join(models, 'engine/truncated.onnx') }),
    load('times'),
    upload('times', { '4/model.onnx': times(3) }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 400, 200, 200],
  );
  assert.equal(await answerOf('times'), 6);
  assert.equal(folders().length, 1);
  assert.equal((await load('times')).status, 200);
});

test('files that cannot be served change nothing, and the reason is told', async () => {
  const broken = join(models, 'engine/truncated.onnx');
  const first = await upload('nobody', { '1/model.onnx': broken });
  assert.equal(first.status, 400);
  assert.match(first.body.error, /^failed to load 'nobody', version 1: /);
  assert.ok(!first.body.error.includes(temporary), first.body.error);
  assert.equal((await ask('nobody')).status, 404);
  assert.deepEqual(await stateOf('nobody'), []);
  const second = await upload('times', { '1/model.onnx': broken });
  assert.equal(second.status, 400);
  assert.match(second.body.error, /what served before goes on/);
  assert.equal(await answerOf('times'), 2);
  assert.equal((await upload('times', { '1/model.onnx': times(2) })).status, 200);
  assert.equal((await upload('times', { '2/model.onnx': broken })).status, 400);
  assert.equal(await answerOf('times'), 4, 'the files that came before are still there');
  const empty = await upload('times', { '1/readme.txt': times(1) });
  assert.equal(empty.status, 400);
  assert.match(empty.body.error, /version 1 holds no model file/);
  assert.equal(folders().length, 1);
  assert.equal((await load('times')).status, 200);
});

test('several files make one model: weights beside it, the file that the settings name', async () => {
  const weights = join(models, 'engine/weights/shift.bin');
  const files = {
    '1/main.onnx': join(models, 'engine/external-data.onnx'),
    '1/weights/shift.bin': weights,
    '1/other.onnx': times(3),
  };
  const { status, body } = await upload('several', files, '{"default_model_filename":"main.onnx"}');
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal((await server.get('/v2/models/several/config')).body.default_model_filename, 'main.onnx');
  const unclear = await upload('several', files);
  assert.equal(unclear.status, 400);
  assert.match(unclear.body.error, /holds several \.onnx files/);
  assert.equal((await unload('several')).status, 200);
});

test('settings that come along are in force', async () => {
  const config = '{"max_batch_size":5,"version_policy":{"all":{}}}';
  assert.equal((await upload('pair', { '1/model.onnx': times(1), '2/model.onnx': times(2) }, config)).status, 200);
  assert.deepEqual(await stateOf('pair'), ['2 READY', '1 READY']);
  assert.equal((await server.get('/v2/models/pair/config')).body.max_batch_size, 5);
  assert.equal((await unload('pair')).status, 200);
});

test('what is wrong with the files is told before anything is written', async () => {
  const model = contentOf(times(1));
  const wrong: readonly [Parameters, RegExp][] = [
    [{ 'file:1/model.onnx': model }, /'guest', files come with parameters\.config/],
    [{ config: '{', 'file:1/model.onnx': model }, /'guest', config: /],
    [{ config: '{}', 'file:1/model.onnx': 'no base64!' }, /file:1\/model\.onnx.*the content is not valid base64/],
    [{ config: '{}', 'file:1/model.onnx': 1 }, /file:1\/model\.onnx.*expected the file's content as base64/],
    [{ config: '{}', 'file:../model.onnx': model }, /expected a version and the path of a file/],
    [{ config: '{}', 'file:1/../../../model.onnx': model }, /"\.\." is no name/],
    [{ config: '{}', 'file:1/a': model, 'file:1/a/b': model }, /file:1\/a: it is a folder, too/],
    [
      { config: '{}', ...Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`file:1/${at}`, ''])) },
      /1001 files/,
    ],
  ];
  for (const [parameters, message] of wrong) {
    const { status, body } = await load('guest', parameters);
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.error, message);
  }
  assert.deepEqual(folders(), []);
  assert.deepEqual(await stateOf('guest'), []);
});

test('callers from elsewhere bring no files', async () => {
  const parameters = { config: '{}', 'file:1/model.onnx': contentOf(times(1)) };
  const headers = { 'x-forwarded-for': '10.1.2.3' };
  const { status } = await server.post('/v2/repository/models/guest/load', { parameters }, headers);
  assert.equal(status, 403);
});

test('several workers take no files, and say so', async (context) => {
  const flags = ['--models', folder.path, '--model-uploads', '--workers', '2'];
  const workers = await (await ServerProcess.start(flags)).ready();
  context.after(() => workers.stop());
  const parameters = { config: '{}', 'file:1/model.onnx': contentOf(times(1)) };
  const { status, body } = await workers.post('/v2/repository/models/guest/load', { parameters });
  assert.equal(status, 501);
  assert.match(body.error, /start it with --workers 1/);
});

test('files that came to a server that was killed are removed by the next start', async (context) => {
  const own = mkdtempSync(join(tmpdir(), 'slipway-test-killed-'));
  context.after(() => rmSync(own, { recursive: true }));
  const flags = ['--models', folder.path, '--model-uploads'];
  const killed = await (await ServerProcess.start(flags, { TMPDIR: own })).ready();
  const parameters = { config: '{}', 'file:1/model.onnx': contentOf(times(1)) };
  assert.equal((await killed.post('/v2/repository/models/guest/load', { parameters })).status, 200);
  await killed.stop('SIGKILL');
  const left = readdirSync(own).filter((name) => existsSync(join(own, name, 'uploads')));
  assert.equal(left.length, 1);
  const next = await (await ServerProcess.start(flags, { TMPDIR: own })).ready();
  context.after(() => next.stop());
  await next.until(async () => !existsSync(join(own, left[0] as string)), 'done with what was left');
  assert.equal((await next.get('/v2/models/guest')).status, 404, 'a restart has forgotten them');
});
