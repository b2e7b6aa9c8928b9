import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineChild } from '../../src/engine/engine-child.js';
import { spawnEngine } from '../../src/engine/launch/spawn-engine.js';
import type { ProcessExit } from '../../src/engine/process-exit.js';

const exitOf = (command: readonly [string, ...string[]], act: (child: EngineChild) => void = () => {}) =>
  new Promise<ProcessExit>((resolve) => {
    const onFrame = (): void => assert.fail('a frame came');
    const launch = Promise.resolve(spawnEngine(command, {}));
    act(new EngineChild({ launch, onFrame, onExit: resolve }));
  });

const node = (script: string) => [process.execPath, '-e', script] as const;

test('a command that cannot be started ends like a process, with the reason', async () => {
  const { cause } = await exitOf(['/no/such/program']);
  assert.match(cause, /^not started: .*ENOENT/);
});

test('the exit code and the last words are told', async () => {
  const exit = await exitOf(node('console.error("good"); console.error("bye"); process.exitCode = 3'));
  assert.deepEqual(exit, { cause: 'exit code 3', lastWords: 'good; bye' });
});

test('the signal is told', async () => {
  const exit = await exitOf(node('setInterval(() => {}, 1000)'), (child) => child.kill());
  assert.equal(exit.cause, 'SIGKILL');
});

test('a process that writes what is no frame is killed', async () => {
  const exit = await exitOf(
    node('require("fs").writeSync(3, "garbage instead of a frame"); setInterval(() => {}, 1000)'),
  );
  assert.equal(exit.cause, 'SIGKILL');
  assert.match(exit.lastWords, /sent a frame of \d+ bytes/);
});

test('a process that was asked to end sees the end of its socket', async () => {
  const script = 'const fs = require("fs"); while (fs.readSync(3, Buffer.alloc(8)) > 0); process.exit(5)';
  const exit = await exitOf(node(script), (child) => {
    child.send([Buffer.alloc(16), Buffer.alloc(16)]);
    child.end();
    child.send([Buffer.alloc(8)]);
  });
  assert.equal(exit.cause, 'exit code 5');
});

test('a process that had ended before it was handed over ends here too', async () => {
  const spawned = spawnEngine(node('process.exitCode = 4'), {});
  spawned.socket?.resume();
  const exit = await new Promise<ProcessExit>((resolve) => {
    const launch = spawned.exit.then(() => spawned);
    const child = new EngineChild({ launch, onFrame: () => assert.fail('a frame came'), onExit: resolve });
    child.send([Buffer.alloc(8)]);
  });
  assert.equal(exit.cause, 'exit code 4');
});
