import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../support/process-state.js';

const worker = fileURLToPath(new URL('./endless-worker.js', import.meta.url));
const skip = process.platform === 'linux' ? false : 'needs Linux, which ends orphans that cannot notice';

for (const how of ['itself', 'aside'] as const) {
  for (const work of ['idle', 'endless'] as const) {
    test(`when the worker is killed its ${work} engine processes end, started ${how}`, { skip }, async () => {
      const child = spawn(process.execPath, [worker, work, how], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const pids = JSON.parse(line) as number[];
      assert.equal(pids.length, 2);
      assert.ok(pids.every(isAlive));
      child.kill('SIGKILL');
      await once(child, 'exit');
      while (pids.some(isAlive)) await new Promise(setImmediate);
    });
  }
}
