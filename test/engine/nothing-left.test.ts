import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ProcessEngine } from '../../src/engine/process-engine.js';
import { commandLine } from '../support/process-state.js';
import { counting, endless, loadRequest, run } from './engine-fixture.js';

const skip = process.platform === 'linux' ? false : 'reads /proc';

const children = (): readonly string[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' ').filter(Boolean),
  );

/** Loads, computes, is crashed and rejected, and closes. */
async function oneLife(isAside: boolean): Promise<void> {
  const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 60_000 });
  if (isAside) engine.startAside();
  const [count, spare] = await Promise.all([
    engine.load(loadRequest('count', { instances: 2 })),
    engine.load(loadRequest('count', { spares: 1 })),
    engine.load(loadRequest('truncated')).catch(() => undefined),
  ]);
  await run(count, counting(3n));
  await spare.tryRun(endless, { timeoutMs: 20 })?.catch(() => {});
  await run(spare, counting(3n));
  const interrupted = count.tryRun(endless)?.catch(() => {});
  await count.close();
  await interrupted;
  await engine.close();
}

for (const isAside of [false, true]) {
  const title = `after closing no process, file descriptor or folder is left${isAside ? ' by a fork server either' : ''}`;
  test(title, { skip }, async () => {
    await oneLife(isAside);
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 3; round++) await oneLife(isAside);
    assert.equal(readdirSync('/proc/self/fd').length, before);
    const ours = children().filter((pid) => /engine-main|fork-server-main/.test(commandLine(pid).join(' ')));
    assert.deepEqual(ours, []);
  });
}
