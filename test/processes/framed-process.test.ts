import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { FramedProcess } from '../../src/processes/framed-process.js';
import { spawnProcess } from '../../src/processes/launch/spawn-process.js';
import type { ProcessExit } from '../../src/processes/process-exit.js';

const exitOf = (command: readonly [string, ...string[]], act: (child: FramedProcess) => void = () => {}) =>
  new Promise<ProcessExit>((resolve) => {
    const onFrame = (): void => assert.fail('a frame came');
    const launch = Promise.resolve(spawnProcess(command, {}));
    act(new FramedProcess({ launch, onFrame, onExit: resolve }));
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
  const spawned = spawnProcess(node('process.exitCode = 4'), {});
  spawned.socket?.resume();
  const exit = await new Promise<ProcessExit>((resolve) => {
    const launch = spawned.exit.then(() => spawned);
    const child = new FramedProcess({ launch, onFrame: () => assert.fail('a frame came'), onExit: resolve });
    child.send([Buffer.alloc(8)]);
  });
  assert.equal(exit.cause, 'exit code 4');
});

test('of a frame that was cut off nothing is kept once the process has ended', async () => {
  const frameBytes = 64 * 2 ** 20;
  const script = `const head = Buffer.alloc(64); head.writeUInt32LE(${frameBytes}); require("fs").writeSync(3, head)`;
  const launch = Promise.resolve(spawnProcess(node(script), {}));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const child = await new Promise<FramedProcess>((resolve) => {
    const kept: FramedProcess = new FramedProcess({
      launch,
      onFrame: () => assert.fail('a frame came'),
      onExit: () => resolve(kept),
    });
  });
  // The stack that told of the exit is left first, and memory is given back by a thread of V8's.
  for (let turn = 0; turn < 100 && process.memoryUsage().arrayBuffers >= frameBytes; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  assert.ok(process.memoryUsage().arrayBuffers < frameBytes);
  assert.ok(child.pid > 0);
});
