import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { type TestContext, test } from 'node:test';
import { Launcher } from '../../../src/processes/launch/launcher.js';
import { LoadingPriority } from '../../../src/processes/launch/loading-priority.js';

const skip = existsSync('/proc/self/autogroup') ? false : 'this system knows no niceness of sessions';

/** A process that waits, in a session of its own unless told otherwise. */
async function waiting(context: TestContext, detached = true): Promise<number> {
  const child = spawn('/bin/sh', ['-c', 'read line'], { detached, stdio: ['pipe', 'ignore', 'ignore'] });
  context.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child.pid as number;
}

const autogroupNiceness = (pid: number): number =>
  Number(/nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'latin1'))?.[1]);

test('a process that loads yields, and its session too; afterwards neither does', { skip }, async (context) => {
  const priority = new LoadingPriority(new Launcher({}));
  const pid = await waiting(context);
  const before = getPriority(pid);
  // The kernel takes a few changes a second only, from whomever.
  while (autogroupNiceness(pid) !== 5) {
    await priority.lower(pid);
    await new Promise((resolve) => setImmediate(resolve));
  }
  priority.restore(pid);
  assert.equal(getPriority(pid), before);
  while (autogroupNiceness(pid) !== 0) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('a session that is the worker’s own stays as it is', { skip }, async (context) => {
  const priority = new LoadingPriority(new Launcher({}));
  const pid = await waiting(context, false);
  const before = autogroupNiceness(pid);
  await priority.lower(pid);
  assert.equal(autogroupNiceness(pid), before);
  priority.restore(pid);
});

test('a process that has ended meanwhile is no matter', async () => {
  const priority = new LoadingPriority(new Launcher({}));
  await priority.lower(2 ** 22 - 1);
  priority.restore(2 ** 22 - 1);
});
