import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, test } from 'node:test';
import type { ProcessEngine } from '../../src/engine/process-engine.js';
import { batchOf, counting, loadRequest, run, startEngine } from './engine-fixture.js';

const megabyte = 2 ** 20;
const pidOf = (engine: ProcessEngine): number => [...engine.processes()][0]?.pid as number;
const skip = process.platform === 'linux' ? false : 'limits are held by Linux only';

/** Needs four bytes of memory for each of `count`. */
const allocation = (...shape: readonly bigint[]) =>
  batchOf([{ name: 'shape', dataType: 'INT64', shape: [shape.length], data: BigInt64Array.from(shape) }]);

describe('an engine process', { skip }, () => {
  test('that reaches its memory limit rejects the request and lives on', async (context) => {
    const engine = startEngine(context);
    const group = await engine.load(loadRequest('allocate', { memoryLimitBytes: 400 * megabyte }));
    const pid = pidOf(engine);
    assert.deepEqual(await run(group, allocation(1_000_000n)), [Float32Array.of(0)]);
    for (const count of [10n ** 8n, 10n ** 12n]) {
      await assert.rejects(run(group, allocation(count)), {
        code: 'RESOURCE_EXHAUSTED',
        message:
          /^these inputs need more memory than the model may use: ConstantOfShape node: Failed to allocate memory/,
      });
    }
    assert.deepEqual(await run(group, allocation(1_000_000n)), [Float32Array.of(0)]);
    assert.equal(pidOf(engine), pid);
  });

  test('that cannot even load within its memory limit says so', async (context) => {
    const engine = startEngine(context);
    await assert.rejects(engine.load(loadRequest('mlp', { memoryLimitBytes: 8 * megabyte })), {
      code: 'INTERNAL',
      message: /^the engine process ended while it loaded the model: /,
    });
  });

  test('is given up by the kernel before the worker is', async (context) => {
    const engine = startEngine(context);
    await engine.load(loadRequest('mlp'));
    assert.equal(readFileSync(`/proc/${pidOf(engine)}/oom_score_adj`, 'utf8').trim(), '500');
  });

  test('sees none of the worker’s secrets', async (context) => {
    const env = { ...process.env, SLIPWAY_API_KEY: 'open sesame' };
    const engine = startEngine(context, { env });
    await engine.load(loadRequest('mlp'));
    assert.doesNotMatch(readFileSync(`/proc/${pidOf(engine)}/environ`, 'latin1'), /sesame/);
  });

  test('has its usual priority once the model is loaded', async (context) => {
    const engine = startEngine(context);
    await engine.load(loadRequest('mlp', { threads: 2 }));
    assert.equal(getPriority(pidOf(engine)), getPriority());
  });

  test('leaves it to the worker when to end', async (context) => {
    const engine = startEngine(context);
    const group = await engine.load(loadRequest('count'));
    const pid = pidOf(engine);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    const running = run(group, counting(20_000n));
    process.kill(pid, 'SIGTERM');
    assert.deepEqual(await running, [BigInt64Array.of(20_000n)]);
    assert.equal(pidOf(engine), pid);
  });

  test('never has more threads than there are cores', async (context) => {
    const engine = startEngine(context, { cores: 2 });
    const tasks = async (threads: number): Promise<number> => {
      const group = await engine.load(loadRequest('mlp', { threads }));
      const status = readFileSync(`/proc/${pidOf(engine)}/status`, 'latin1');
      await group.close();
      return Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]);
    };
    assert.equal(await tasks(1000), await tasks(2));
  });
});
