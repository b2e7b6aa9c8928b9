import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';
import { ModelFolder } from '../support/model-folder.js';
import { program } from '../support/program.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const irisFile = join(shippedModels, 'iris/1/model.onnx');

function newFolder(context: TestContext): ModelFolder {
  const folder = new ModelFolder();
  context.after(() => folder.remove());
  return folder;
}

async function start(context: TestContext, ...given: Parameters<typeof ServerProcess.start>): Promise<ServerProcess> {
  const server = await ServerProcess.start(...given);
  context.after(() => server.stop());
  return server;
}

const readiness = async (server: ServerProcess): Promise<number> => (await server.get('/v2/health/ready')).status;

test('a folder in which nothing can be loaded: the server listens, is not ready, and says why', async (context) => {
  const folder = newFolder(context);
  folder.write('this is no model', 'broken.onnx');
  folder.write('version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n', 'pointer/1/model.onnx');
  mkdirSync(join(folder.path, 'nothing'));
  symlinkSync('gone.onnx', join(folder.path, 'dangling.onnx'));
  symlinkSync('gone', join(folder.path, 'astray'));
  const server = await start(context, ['--models', folder.path]);
  const names = ['astray', 'broken', 'dangling', 'nothing', 'pointer'];
  await server.until(async () => server.log.some(({ msg }) => msg.startsWith('no model is served')), 'settled');
  assert.equal(await readiness(server), 503);
  const { body } = await server.get('/v1/models');
  assert.deepEqual(
    body.models.map(({ name }: { name: string }) => name),
    names,
  );
  const index = (await server.post('/v2/repository/index', '')).body as { name: string; reason: string }[];
  const reasonOf = (name: string): string => index.find((one) => one.name === name)?.reason ?? '';
  for (const name of names) {
    assert.ok(reasonOf(name).length > 10, `${name}: ${reasonOf(name)}`);
    assert.ok(
      server.log.some(({ level, msg }) => level === 'warn' && msg.includes(name)),
      name,
    );
  }
  assert.match(reasonOf('pointer'), /Git LFS/);
  assert.match(reasonOf('dangling'), /link that leads nowhere/);
  folder.put(irisFile, 'iris/1/model.onnx');
  await server.ready();
});

test('an empty folder is not ready, unless that is asked for', async (context) => {
  const folder = newFolder(context);
  const server = await start(context, ['--models', folder.path]);
  assert.equal(await readiness(server), 503);
  assert.equal((await server.get('/v2/health/live')).status, 200);
  const bold = await start(context, ['--models', folder.path, '--ready-when-empty']);
  await bold.ready();
});

test('a HOST that a shell set does not break the start, nor does an unknown variable; both are warned of', async (context) => {
  const folder = newFolder(context);
  const env = { HOST: 'x86_64-conda-linux-gnu', SLIPWAY_OF_ANOTHER_RELEASE: '1' };
  const server = await start(context, ['--models', folder.path], env, ['--port', '0']);
  const warnings = server.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
  assert.equal(warnings.length, 2, warnings.join('\n'));
  assert.match(warnings.join('\n'), /HOST: .*x86_64-conda-linux-gnu/);
  assert.match(warnings.join('\n'), /SLIPWAY_OF_ANOTHER_RELEASE/);
  const origin = server.origin.replace('0.0.0.0', '127.0.0.1');
  assert.equal((await fetch(`${origin}/v2/health/live`)).status, 200);
});

test('IPv6 addresses are taken with brackets', async (context) => {
  const folder = newFolder(context);
  const server = await start(context, ['--models', folder.path], {}, ['--host', '[::1]', '--port', '0']);
  assert.match(server.origin, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await server.get('/v2/health/live')).status, 200);
});

interface Failure {
  readonly status: number | null;
  /** Of the log and of standard error. */
  readonly lines: readonly string[];
}

function failingStart(argv: readonly string[], env: Record<string, string> = {}): Failure {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'serve', ...argv], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, lines: `${stdout}${stderr}`.split('\n').filter(Boolean) };
}

test('a port that is taken: the message names the setting and where it came from, and nothing else is logged', async (context) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  context.after(() => taken.close());
  const port = String((taken.address() as { port: number }).port);
  for (const workers of ['1', '2']) {
    const argv = ['--models', shippedModels, '--host', '127.0.0.1', '--workers', workers];
    const { status, lines } = failingStart(argv, { PORT: port });
    assert.equal(status, 1);
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0] ?? '', new RegExp(`127.0.0.1:${port} .*another process.*environment variable PORT`));
  }
});

test('an address that is not here, and a temporary folder that is not there, are named', async () => {
  const elsewhere = failingStart(['--models', shippedModels, '--host', '192.0.2.1', '--port', '0']);
  assert.equal(elsewhere.status, 1);
  assert.match(elsewhere.lines.join(), /192\.0\.2\.1:0 \(EADDRNOTAVAIL\).*set by --host/);
  const argv = ['--models', shippedModels, '--host', '127.0.0.1', '--port', '0'];
  for (const workers of ['1', '2']) {
    const homeless = failingStart([...argv, '--workers', workers], { TMPDIR: '/nowhere/at/all' });
    assert.equal(homeless.status, 1);
    assert.match(homeless.lines.join(), /\/nowhere\/at\/all.*TMPDIR/);
  }
});

test('no more than the first models are loaded before the server listens, and all of them after that', async (context) => {
  const folder = newFolder(context);
  const model = readFileSync(irisFile);
  for (let number = 0; number < 12; number++) folder.write(model, `model-${number}/1/model.onnx`);
  const server = await start(context, ['--models', folder.path, '--load-concurrency', '1']);
  const listens = server.log.findIndex(({ address }) => address !== undefined);
  const before = server.log.slice(0, listens).filter(({ state }) => state === 'AVAILABLE');
  assert.ok(before.length <= 1, `${before.length} models served before the server listened`);
  await server.ready();
  const { body } = await server.post('/v2/repository/index', { ready: true });
  assert.equal(body.length, 12);
});

test('an unknown flag is still an error', () => {
  assert.equal(failingStart(['--modles', 'x']).status, 2);
});

test('every signal that asks a server to end lets it finish; a second one so soon is the same, SIGUSR1 opens nothing', async (context) => {
  const folder = newFolder(context);
  const ends = (['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const).map(async (signal) => {
    const server = await start(context, ['--models', folder.path]);
    server.child.kill('SIGUSR1');
    assert.equal((await server.get('/v2/health/live')).status, 200);
    const ended = server.stop(signal);
    server.child.kill(signal);
    assert.equal(await ended, 0, signal);
    assert.equal(server.log.at(-1)?.msg, 'stopped', signal);
  });
  await Promise.all(ends);
});

test('npm start ends as the server does, whatever npm passes on', async (context) => {
  const folder = newFolder(context);
  // Without the build, which `npm start` begins with.
  const { scripts } = JSON.parse(
    spawnSync('npm', ['pkg', 'get', '--json'], { cwd: projectRoot(), encoding: 'utf8' }).stdout,
  );
  const command = String(scripts.start).split('&&').at(-1)?.trim();
  assert.match(String(command), /^exec node /);
  folder.write(JSON.stringify({ name: 'x', scripts: { start: command } }), 'package.json');
  symlinkSync(join(projectRoot(), 'dist'), join(folder.path, 'dist'));
  const models = newFolder(context);
  const argv = ['start', '--', '--models', models.path, '--host', '127.0.0.1', '--port', '0'];
  const npmStart = async (stop: (npm: ChildProcess) => void): Promise<void> => {
    const npm = spawn('npm', argv, { cwd: folder.path, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      let printed = '';
      npm.stdout.on('data', (text) => {
        const wasUp = printed.includes('"address"');
        printed += text;
        if (!wasUp && printed.includes('"address"')) stop(npm);
      });
      // The server holds it, too, and may outlive npm.
      npm.stdout.once('close', () => (/"msg":"stopped"/.test(printed) ? resolve() : reject(new Error(printed))));
    });
  };
  // As a terminal does it: to every process of the group. And to npm alone, which passes some on and ends of others.
  await Promise.all([
    npmStart((npm) => process.kill(-(npm.pid as number), 'SIGINT')),
    npmStart((npm) => npm.kill('SIGTERM')),
    npmStart((npm) => npm.kill('SIGHUP')),
  ]);
});

test('one file is served as it lies there, with what belongs to it; a folder that is one model, too', async (context) => {
  const folder = newFolder(context);
  folder.put(irisFile, 'downloads/flower.onnx');
  folder.write('{"labels": {"stable": 1}}', 'downloads/flower.json');
  folder.put(irisFile, 'downloads/other.onnx');
  folder.put(irisFile, 'hub/onnx/model.onnx');
  for (const [path, name] of [
    ['downloads/flower.onnx', 'flower'],
    ['hub', 'hub'],
  ] as const) {
    const server = await (await start(context, [join(folder.path, path)])).ready();
    const { body } = await server.get('/v1/models');
    assert.deepEqual(
      body.data.map(({ id }: { id: string }) => id),
      [name],
    );
    const label = name === 'flower' ? '/labels/stable' : '';
    const answer = await server.post(`/v1/models/${name}${label}/predict`, { instances: [[5.1, 3.5, 1.4, 0.2]] });
    assert.equal(answer.status, 200);
  }
});
