import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { counting, endless, loadRequest, run, startEngine } from './engine-fixture.js';

const skip = process.platform === 'linux' ? false : 'reads /proc';

/** The name a process was started under, and the process that started it. */
function parentOf(pid: number): { readonly pid: number; readonly command: string } {
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  return { pid: parent, command: readFileSync(`/proc/${parent}/cmdline`, 'latin1') };
}

test('engines are started by this process, then by a fork server', { skip }, async (context) => {
  const engine = startEngine(context);
  const early = await engine.load(loadRequest('count'));
  engine.startAside();
  const late = await engine.load(loadRequest('count'));
  await run(early, counting(3n));
  await run(late, counting(3n));
  const parents = [...engine.processes()].map(({ pid }) => parentOf(pid));
  assert.equal(parents[0]?.pid, process.pid);
  assert.match(parents[1]?.command ?? '', /fork-server-main/);
});

test('an engine of a fork server that is killed for its run comes back from the fork server', {
  skip,
}, async (context) => {
  const engine = startEngine(context);
  engine.startAside();
  const group = await engine.load(loadRequest('count'));
  await assert.rejects(Promise.resolve(group.tryRun(endless, { timeoutMs: 20 })), { kind: /^(RUN_TIMEOUT|STALLED)$/ });
  await run(group, counting(3n));
  for (const { pid } of engine.processes()) assert.match(parentOf(pid).command, /fork-server-main/);
});

test('when the fork server is killed its engines come back without it', { skip }, async (context) => {
  const engine = startEngine(context);
  engine.startAside();
  const group = await engine.load(loadRequest('count'));
  const [before] = [...engine.processes()].map(({ pid }) => pid);
  assert.ok(before !== undefined);
  process.kill(parentOf(before).pid, 'SIGKILL');
  while ([...engine.processes()].some(({ pid }) => pid === before)) await new Promise(setImmediate);
  await run(group, counting(3n));
  const [after] = [...engine.processes()].map(({ pid }) => pid);
  assert.equal(parentOf(after as number).pid, process.pid);
});

test('an engine that dies while the fork server is frozen is noticed, and started again without it', {
  skip,
}, async (context) => {
  const ends: string[] = [];
  const engine = startEngine(context, { observer: { engineExited: ({ cause }) => ends.push(cause) } });
  engine.startAside();
  const group = await engine.load(loadRequest('count'));
  const [before] = [...engine.processes()].map(({ pid }) => pid);
  assert.ok(before !== undefined);
  const forkServer = parentOf(before);
  process.kill(forkServer.pid, 'SIGSTOP');
  process.kill(before, 'SIGSEGV');
  while ([...engine.processes()].some(({ pid }) => pid === before)) await new Promise(setImmediate);
  await run(group, counting(3n));
  const [after] = [...engine.processes()].map(({ pid }) => pid);
  assert.equal(parentOf(after as number).pid, process.pid);
  assert.match(ends[0] ?? '', /^SIGSEGV, a memory fault/);

  process.kill(forkServer.pid, 'SIGCONT');
  const later = await engine.load(loadRequest('mlp'));
  assert.ok(later.instanceCount > 0);
});
