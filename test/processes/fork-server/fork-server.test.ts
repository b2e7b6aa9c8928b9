import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ForkServer } from '../../../src/processes/fork-server/fork-server.js';
import { FramedProcess } from '../../../src/processes/framed-process.js';
import type { Command } from '../../../src/processes/launch/spawn-process.js';
import { isAlive } from '../../support/process-state.js';

const skip = process.platform === 'linux' ? false : 'reads /proc';

function start(context: TestContext, env: Record<string, string> = {}, patienceMs?: number): ForkServer {
  const forkServer = new ForkServer(env, patienceMs);
  context.after(() => forkServer.close());
  return forkServer;
}

const shell = (script: string): Command => ['/bin/sh', '-c', script];

test('what is written to a process’s socket arrives there, and the other way round', async (context) => {
  const { socket, exit } = await start(context).launch(shell('cat <&3 >&3'));
  assert.ok(socket !== undefined);
  const sent = 'a sentence, '.repeat(100_000);
  socket.end(sent);
  assert.equal(await text(socket), sent);
  assert.deepEqual(await exit, { cause: 'exit code 0', lastWords: '' });
});

test('processes started at once each have a socket of their own', async (context) => {
  const forkServer = start(context);
  const launched = await Promise.all(
    Array.from({ length: 8 }, (_, i) => forkServer.launch(shell(`read line <&3; echo ${i} >&3`))),
  );
  for (const { socket } of launched) socket?.write('speak\n');
  const said = await Promise.all(launched.map(({ socket }) => (socket === undefined ? '' : text(socket))));
  assert.deepEqual(said, ['0\n', '1\n', '2\n', '3\n', '4\n', '5\n', '6\n', '7\n']);
});

test('the exit code and the last words are told, and the signal', async (context) => {
  const forkServer = start(context);
  const spoken = await forkServer.launch(shell('echo good >&2; echo bye >&2; exit 3'));
  assert.deepEqual(await spoken.exit, { cause: 'exit code 3', lastWords: 'good; bye' });
  const killed = await forkServer.launch(shell('read line <&3'));
  killed.kill();
  assert.equal((await killed.exit).cause, 'SIGKILL');
});

test('processes that end as soon as they are started are heard to', async (context) => {
  const forkServer = start(context);
  const exits = Array.from(
    { length: 20 },
    (_, code) =>
      new Promise<string>((resolve) => {
        const launch = forkServer.launch(shell(`exit ${code}`));
        new FramedProcess({ launch, onFrame: () => {}, onExit: ({ cause }) => resolve(cause) });
      }),
  );
  const told = Array.from({ length: 20 }, (_, code) => `exit code ${code}`);
  assert.deepEqual(await Promise.all(exits), told);
});

test('a command that cannot be started ends like a process, with the reason', async (context) => {
  const { pid, socket, exit } = await start(context).launch(['/no/such/program']);
  assert.equal(pid, undefined);
  assert.equal(socket, undefined);
  assert.match((await exit).cause, /^not started: .*ENOENT/);
});

test('processes get the environment that the fork server was made with, and nothing else', {
  skip,
}, async (context) => {
  process.env.SLIPWAY_TEST_SECRET = 'secret';
  context.after(() => delete process.env.SLIPWAY_TEST_SECRET);
  const { socket } = await start(context, { GIVEN: 'this' }).launch(shell('read line <&3; env >&3'));
  assert.ok(socket !== undefined);
  socket.write('speak\n');
  const names = (await text(socket)).split('\n').map((line) => line.split('=')[0]);
  assert.ok(names.includes('GIVEN'));
  assert.deepEqual(
    names.filter((name) => name !== undefined && /SECRET|NODE_CHANNEL/.test(name)),
    [],
  );
});

test('signals for everybody do not end the fork server; the end of its worker does, and its processes', {
  skip,
}, async (context) => {
  const forkServer = start(context);
  const { pid, exit } = await forkServer.launch(shell('trap "" TERM; read line <&3'));
  assert.ok(forkServer.pid !== undefined && pid !== undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(forkServer.pid, signal);
  const { socket } = await forkServer.launch(shell('read line <&3; echo still here >&3'));
  assert.ok(socket !== undefined);
  socket.write('speak\n');
  assert.equal(await text(socket), 'still here\n');
  await forkServer.close();
  assert.equal(isAlive(forkServer.pid), false);
  while (isAlive(pid)) await new Promise(setImmediate);
  await exit;
});

test('when the fork server is killed, processes end as far as anyone knows, and none is started any more', async (context) => {
  const forkServer = start(context);
  const { socket, exit, kill } = await forkServer.launch(shell('read line <&3'));
  assert.ok(forkServer.pid !== undefined);
  const starting = forkServer.launch(shell('exit 0')).catch((error: Error) => error.message);
  process.kill(forkServer.pid, 'SIGKILL');
  assert.match((await exit).cause, /unknown exit/);
  await forkServer.ended;
  await starting;
  await assert.rejects(forkServer.launch(shell('exit 0')), /is gone, or does not answer/);
  kill();
  socket?.resume();
  if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  // It may have ended long ago.
  kill();
});

test('a fork server that does not answer is not waited for, and what it starts later is ended', {
  skip,
}, async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const forkServer = start(context, {}, 50);
  const early = await forkServer.launch(shell('read line <&3; echo early >&3'));
  assert.ok(forkServer.pid !== undefined);
  process.kill(forkServer.pid, 'SIGSTOP');
  const waiting = forkServer.launch(shell('read line <&3'));
  context.mock.timers.tick(50);
  await assert.rejects(waiting, /does not answer/);
  await assert.rejects(forkServer.launch(shell('read line <&3')), /does not answer/);
  early.socket?.write('speak\n');
  assert.equal(early.socket && (await text(early.socket)), 'early\n');
  process.kill(forkServer.pid, 'SIGCONT');
  assert.equal((await early.exit).cause, 'exit code 0');
  const late = await forkServer.launch(shell('exit 5'));
  assert.equal((await late.exit).cause, 'exit code 5');
  while (childrenOf(forkServer.pid).length > 0) await new Promise(setImmediate);
});

test('closing does not wait for a fork server that is stopped', { skip }, async (context) => {
  const forkServer = start(context);
  const { pid } = await forkServer.launch(shell('read line <&3'));
  assert.ok(forkServer.pid !== undefined && pid !== undefined);
  process.kill(forkServer.pid, 'SIGSTOP');
  await forkServer.close();
  assert.equal(isAlive(forkServer.pid), false);
  while (isAlive(pid)) await new Promise(setImmediate);
});

const childrenOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
