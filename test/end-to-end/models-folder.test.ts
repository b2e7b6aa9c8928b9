import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const irisFile = (version: number): string => join(shippedModels, `iris/${version}/model.onnx`);
const flower = { instances: [[5.1, 3.5, 1.4, 0.2]] };

function newFolder(context: TestContext): ModelFolder {
  const folder = new ModelFolder();
  context.after(() => folder.remove());
  return folder;
}

const asks = async (server: ServerProcess, name = 'iris'): Promise<number> =>
  (await server.post(`/v1/models/${name}/predict`, flower)).status;

const readiness = async (server: ServerProcess): Promise<number> => (await server.get('/v2/health/ready')).status;

// Looked at only when asked to: what `load` answers is its own doing.
const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '600000']);
});
after(async () => {
  await server.stop();
  folder.remove();
});

const load = (name: string) => server.post(`/v2/repository/models/${name}/load`, '');

test('a model that was copied a moment ago is loaded as soon as that is asked for', async () => {
  folder.put(irisFile(1), 'iris/1/model.onnx');
  assert.equal((await load('iris')).status, 200);
  assert.equal(await asks(server), 200);
  assert.equal(await readiness(server), 200);
});

test('after load the files serve that lie there now: a new version, and new files of the same version', async () => {
  folder.put(irisFile(2), 'iris/2/model.onnx');
  assert.equal((await load('iris')).status, 200);
  const versions = async () => (await server.get('/v2/models/iris')).body.versions;
  assert.deepEqual(await versions(), ['2']);
  const outputs = async () => (await server.get('/v2/models/iris')).body.outputs.length;
  const before = await outputs();
  folder.put(join(shippedModels, 'diabetes/1/model.onnx'), 'iris/2/model.onnx');
  assert.equal((await load('iris')).status, 200);
  assert.notEqual(await outputs(), before);
  folder.put(irisFile(2), 'iris/2/model.onnx');
  assert.equal((await load('iris')).status, 200);
  assert.equal(await outputs(), before);
  // A reload says once what it did.
  const lines = server.log.map(({ msg }) => msg).filter((msg) => msg.startsWith('iris/2'));
  assert.deepEqual(lines, ['iris/2 serves', 'iris/2 serves its new files', 'iris/2 serves its new files']);
});

test('a replacement that does not load is a 400 with the reason, and what served before goes on', async () => {
  folder.write('this is no model', 'iris/2/model.onnx');
  const { status, body } = await load('iris');
  assert.equal(status, 400);
  assert.match(body.error, /^failed to load 'iris', version 2: .*; what served before goes on \(version 2\)$/);
  assert.equal(await asks(server), 200);
  folder.put(irisFile(2), 'iris/2/model.onnx');
  folder.write('{"batching": "maybe"}', 'iris/model.json');
  const broken = await load('iris');
  assert.equal(broken.status, 400);
  assert.match(broken.body.error, /^failed to load 'iris', model\.json: .*batching/);
  folder.delete('iris/model.json');
  assert.equal((await load('iris')).status, 200);
});

test('a model that is not there is a 404, also one that was deleted a moment ago', async () => {
  const { status, body } = await load('irish');
  assert.equal(status, 404);
  assert.equal(body.error, "failed to load 'irish', no model of this name lies in the folder; did you mean 'iris'?");
  folder.put(irisFile(1), 'short-lived/1/model.onnx');
  assert.equal((await load('short-lived')).status, 200);
  folder.delete('short-lived');
  assert.equal((await load('short-lived')).status, 404);
  assert.equal(await asks(server, 'short-lived'), 404);
});

test('a server whose models were all unloaded is not ready', async () => {
  assert.equal(await readiness(server), 200);
  await server.post('/v2/repository/models/iris/unload', '');
  assert.equal(await readiness(server), 503);
  await load('iris');
  assert.equal(await readiness(server), 200);
});

test('a models folder that vanishes leaves what it has serving, and load says so', async () => {
  renameSync(folder.path, `${folder.path}-away`);
  const { status, body } = await load('iris');
  assert.equal(status, 503);
  assert.match(body.error, /^failed to load 'iris', the models folder cannot be scanned \(ENOENT\); try again$/);
  mkdirSync(folder.path);
  assert.equal((await load('iris')).status, 503);
  assert.equal(await asks(server), 200);
  assert.equal(await readiness(server), 200);
  rmSync(folder.path, { recursive: true });
  renameSync(`${folder.path}-away`, folder.path);
  assert.equal((await load('iris')).status, 200);
});

test('a models folder that comes later is waited for, not ready; nobody exits', async (context) => {
  const parent = newFolder(context);
  const late = join(parent.path, 'late');
  const starts = [
    ServerProcess.start(['--models', late, '--wait-for-models-ms', '1', '--poll-interval-ms', '100']),
    ServerProcess.start(['--models', late, '--poll-interval-ms', '100'], { MODEL_INIT_MODE: 'async' }),
  ];
  const servers = await Promise.all(starts);
  context.after(() => Promise.all(servers.map((one) => one.stop())));
  for (const one of servers) assert.equal(await readiness(one), 503);
  const [impatient] = servers as [ServerProcess];
  await impatient.until(async () => impatient.log.some(({ level }) => level === 'error'), 'complaining');
  parent.put(irisFile(1), 'elsewhere/iris/1/model.onnx');
  symlinkSync('elsewhere', late);
  for (const one of servers) {
    await one.ready();
    assert.equal(await asks(one), 200);
  }
});

/** A process whose root is another: its models lie where only it, and whoever goes through /proc, finds them. */
async function modelcar(root: string): Promise<ChildProcess | undefined> {
  const script = `
    mount -t tmpfs models ${root} && mkdir -p ${root}/models/iris/1 ${root}/old &&
    cp ${irisFile(1)} ${root}/models/iris/1/ && ln -s model.onnx ${root}/models/iris/1/link &&
    ln -s /etc/passwd ${root}/models/passwd.onnx &&
    cd ${root} && pivot_root . old && cd / && echo there && read line`;
  const car = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const isThere = await Promise.race([
    once(car.stdout, 'data').then(() => true),
    once(car, 'exit').then(() => false),
    once(car, 'error').then(() => false),
  ]);
  return isThere ? car : undefined;
}

const mayUnshare = spawnSync('unshare', ['-m', 'true']).status === 0;

test('models in another container, by a link through /proc (modelcar): served, and kept when it ends', {
  skip: mayUnshare ? false : 'this user may not make mount namespaces',
}, async (context) => {
  const places = newFolder(context);
  const link = join(places.path, 'models');
  const one = await ServerProcess.start(['--models', link, '--poll-interval-ms', '100'], { MODEL_INIT_MODE: 'async' });
  context.after(() => one.stop());
  mkdirSync(join(places.path, 'root'));
  const car = await modelcar(join(places.path, 'root'));
  if (car === undefined) return context.skip('no other root can be made here');
  context.after(() => car.kill('SIGKILL'));
  symlinkSync(`/proc/${car.pid}/root/models`, link);
  await one.ready();
  assert.equal(await asks(one), 200);
  const index = (await one.post('/v2/repository/index', '')).body as { name: string; reason?: string }[];
  assert.match(index.find(({ name }) => name === 'passwd')?.reason ?? '', /outside of the models folder/);
  const ended = once(car, 'exit');
  car.kill('SIGKILL');
  await ended;
  await one.until(async () => one.log.some(({ msg }) => msg.includes('stay as they were')), 'without its folder');
  assert.equal(await asks(one), 200);
  assert.equal(await readiness(one), 200);
  process.kill(one.enginePids()[0] as number, 'SIGKILL');
  assert.equal(await asks(one), 200, 'its files are kept for as long as it serves');
});
