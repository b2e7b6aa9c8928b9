import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after as afterAll, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { askOnce, getOnce, KeepAliveClient } from '../support/keep-alive-client.js';
import { metricTypesOf, samplesOf } from '../support/metrics-page.js';
import { ModelFolder } from '../support/model-folder.js';
import { isAlive } from '../support/process-state.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const folder = new ModelFolder();
afterAll(() => folder.remove());
folder.put(join(shippedModels, 'iris/1/model.onnx'), 'iris/1/model.onnx');

const predictions = 'slipway_requests_total{model="iris",version="1",protocol="v1",code="OK"}';

const start = async (...flags: string[]): Promise<ServerProcess> =>
  (
    await ServerProcess.start(['--models', folder.path, '--workers', '2', '--poll-interval-ms', '200', ...flags])
  ).ready();

const predictionsCounted = async (server: ServerProcess): Promise<number> =>
  samplesOf(await server.metrics()).get(predictions) ?? 0;

const startClients = (server: ServerProcess, count: number): KeepAliveClient[] =>
  Array.from({ length: count }, () => new KeepAliveClient(server.origin));

const servesAgain = (server: ServerProcess, worker: number, times = 1): Promise<void> => {
  const isThere = () => server.log.filter(({ msg, worker: one }) => msg === 'worker serves again' && one === worker);
  return server.until(async () => isThere().length === times, `whole again, with worker ${worker}`);
};

const pidOf = (server: ServerProcess, worker: number): number =>
  server.log.findLast((line) => line.worker === worker && line.workerPid === undefined)?.pid as number;

/** Statuses of so many questions, each on a connection of its own. */
const statuses = async (server: ServerProcess, count: number) =>
  Promise.all(Array.from({ length: count }, () => askOnce(server.origin)));

test('connections are spread over the workers, and numbers add up whoever is asked', async (context) => {
  const server = await start('--log-successes-per-second', '1000');
  const clients = startClients(server, 4);
  context.after(() => server.stop('SIGKILL'));
  await Promise.all(clients.map((client) => client.answers(20)));
  await Promise.all(clients.map((client) => client.stop()));
  const answered = clients.reduce((sum, client) => sum + client.answered, 0);
  const workers = new Set(server.log.filter(({ msg }) => msg === 'request answered').map(({ worker }) => worker));
  assert.deepEqual(workers, new Set([1, 2]));
  for (let asked = 0; asked < 4; asked++) {
    const connection = { connection: 'close' };
    const { body } = await server.get('/v2/models/iris/stats', connection);
    assert.equal(body.model_stats[0].inference_stats.success.count, answered);
    assert.equal(await predictionsCounted(server), answered);
    assert.equal((await server.get('/v1/models', connection)).body.models[0].state, 'AVAILABLE');
    assert.equal((await server.get('/v2/models/iris/ready', connection)).status, 200);
  }
  const page = await server.metrics();
  assert.equal(metricTypesOf(page).get('slipway_requests_total'), 'counter');
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  if (error === undefined) assert.equal(status, 0, `${stdout}${stderr}`);
  else context.diagnostic('promtool is not here to look at the page');
});

test('a worker that is killed is replaced, and nobody else notices', async (context) => {
  const server = await start();
  const clients = startClients(server, 8);
  context.after(async () => {
    await Promise.all(clients.map((client) => client.stop()));
    await server.stop('SIGKILL');
  });
  await Promise.all(clients.map((client) => client.answers(20)));
  const counted = await predictionsCounted(server);
  process.kill(pidOf(server, 2), 'SIGKILL');
  await Promise.all(clients.map((client) => client.answers(20)));
  await servesAgain(server, 2);
  assert.equal((await server.get('/v2/health/ready')).status, 200);
  assert.ok((await predictionsCounted(server)) >= counted + 8 * 20, 'counters do not fall');
  const broken = clients.map((client) => client.broken);
  // A caller whose answer had arrived when its connection went notices nothing.
  assert.ok(Math.max(...broken) <= 1, `a connection of that worker breaks once: ${broken}`);
  assert.ok(broken.filter((times) => times > 0).length <= 4, 'half of the connections were not its own');
  const newcomers = startClients(server, 4);
  clients.push(...newcomers);
  await Promise.all(newcomers.map((client) => client.answers(5)));
  process.kill(pidOf(server, 1), 'SIGKILL');
  await Promise.all(clients.map((client) => client.answers(20)));
  assert.deepEqual(
    newcomers.map(({ broken }) => broken),
    [0, 0, 0, 0],
    'new connections went to the replacement, which had the fewest',
  );
  assert.deepEqual(
    clients.flatMap(({ wrong }) => wrong),
    [],
  );
});

test('connections that a worker had not taken before it was killed are answered by another', async (context) => {
  const server = await start();
  context.after(() => server.stop('SIGKILL'));
  const pid = pidOf(server, 2);
  process.kill(pid, 'SIGSTOP');
  const answers = statuses(server, 6);
  // Who meets that worker waits for its end.
  const isReady = () => Promise.race([getOnce(`${server.origin}/v2/health/ready`), after(2000, undefined)]);
  await server.until(async () => (await isReady())?.status === 503, 'unready');
  process.kill(pid, 'SIGKILL');
  assert.deepEqual(await answers, Array(6).fill(200));
});

test('loading and unloading through the API is done on every worker when it is answered, and outlives them', async (context) => {
  const server = await start();
  context.after(() => server.stop('SIGKILL'));
  assert.equal((await server.post('/v2/repository/models/iris/unload', '')).status, 200);
  assert.deepEqual(await statuses(server, 6), Array(6).fill(404));
  process.kill(pidOf(server, 1), 'SIGKILL');
  await servesAgain(server, 1);
  assert.deepEqual(await statuses(server, 6), Array(6).fill(404));
  assert.equal((await server.post('/v2/repository/models/iris/load', '')).status, 200);
  assert.deepEqual(await statuses(server, 6), Array(6).fill(200));
});

test('a new version and a removal reach every worker while requests go on', async (context) => {
  const server = await start();
  const clients = startClients(server, 4);
  context.after(async () => {
    await Promise.all(clients.map((client) => client.stop()));
    await server.stop('SIGKILL');
  });
  folder.put(join(shippedModels, 'iris/2/model.onnx'), 'iris/2/model.onnx');
  const versionTwo = async () => (await server.get('/v2/models/iris/versions/2/ready')).status === 200;
  await server.until(versionTwo, 'serving version 2');
  const asked = await Promise.all(
    Array.from({ length: 6 }, () => server.get('/v1/models/iris/versions/2/metadata', { connection: 'close' })),
  );
  assert.deepEqual(
    asked.map(({ status }) => status),
    Array(6).fill(200),
  );
  await Promise.all(clients.map((client) => client.answers(20)));
  folder.delete('iris/2');
  await server.until(async () => (await server.get('/v2/models/iris/versions/2')).status === 404, 'without version 2');
  await Promise.all(clients.map((client) => client.answers(20)));
  for (const { wrong, broken } of clients) assert.deepEqual({ wrong, broken }, { wrong: [], broken: 0 });
});

test('after SIGTERM all workers are unready, finish what they took, and the server ends with 0', async (context) => {
  const server = await start('--drain-delay-ms', '1500');
  const workers = server.workerPids();
  const processes = server.descendants();
  const engines = server.enginePids();
  assert.deepEqual([workers.length, engines.length], [2, 2]);
  const clients = startClients(server, 6);
  context.after(() => server.stop('SIGKILL'));
  await Promise.all(clients.map((client) => client.answers(20)));
  // As a terminal does it: to every process.
  for (const pid of workers) process.kill(pid, 'SIGTERM');
  const stopped = server.stop('SIGTERM');
  await server.until(async () => (await server.get('/v2/health/ready')).status === 503, 'unready');
  await Promise.all(clients.map((client) => client.answers(5)));
  await Promise.all(clients.map((client) => client.stop()));
  for (const { wrong, broken } of clients) assert.deepEqual({ wrong, broken }, { wrong: [], broken: 0 });
  assert.equal(await stopped, 0);
  assert.deepEqual(processes.filter(isAlive), []);
});

for (const how of ['killed', 'told twice to stop'] as const) {
  test(`when the server is ${how}, its workers and engine processes end by themselves`, async () => {
    const server = await start('--drain-delay-ms', '60000');
    const all = server.descendants();
    if (how === 'told twice to stop') {
      server.child.kill('SIGTERM');
      await server.until(async () => (await server.get('/v2/health/ready')).status === 503, 'unready');
      // Within a second it is the same wish.
      await server.until(async () => {
        server.child.kill('SIGTERM');
        return server.child.signalCode !== null;
      }, 'killed');
    } else server.child.kill('SIGKILL');
    for (let turn = 0; turn < 500 && all.some(isAlive); turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(all.filter(isAlive), []);
  });
}

test('a port that is taken ends the start, and the workers with it', async (context) => {
  const server = await start();
  context.after(() => server.stop('SIGKILL'));
  const { port } = new URL(server.origin);
  await assert.rejects(start('--port', port), /ended with 1:[\s\S]*EADDRINUSE/);
});
