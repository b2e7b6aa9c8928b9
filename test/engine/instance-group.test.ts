import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import {
  counting,
  division,
  endless,
  loadRequest,
  modelPath,
  poison,
  run,
  startEngine,
  tooLong,
} from './engine-fixture.js';

test('batches go to idle instances; a long run takes nothing behind it', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count', { instances: 2 }));
  assert.deepEqual([group.instanceCount, group.idleInstances, group.hasCapacity], [2, 2, true]);
  const first = group.tryRun(counting(200_000n));
  assert.deepEqual([group.idleInstances, group.hasCapacity], [1, true]);
  const second = group.tryRun(counting(200_000n));
  assert.deepEqual([group.idleInstances, group.hasCapacity], [0, false]);
  assert.equal(group.tryRun(counting(1n)), undefined);
  await Promise.all([first, second]);
  assert.equal(group.idleInstances, 2);
});

test('a second batch follows only once runs have been found short', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const first = group.tryRun(counting(1n));
  assert.equal(group.tryRun(counting(1n)), undefined, 'nothing is known of the runs yet');
  await first;
  for (let warmUp = 0; warmUp < 20; warmUp++) await run(group, counting(1n));
  const two = [group.tryRun(counting(1n)), group.tryRun(counting(1n))];
  assert.ok(two.every((one) => one !== undefined));
  assert.equal(group.tryRun(counting(1n)), undefined, 'two are the most');
  await Promise.all(two);
});

test('an exclusive batch waits for an idle instance, and nothing follows it', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  for (let warmUp = 0; warmUp < 20; warmUp++) await run(group, counting(1n));
  const ordinary = group.tryRun(counting(1n));
  assert.equal(group.tryRun(counting(1n), { exclusive: true }), undefined);
  await ordinary;
  const exclusive = group.tryRun(counting(1n), { exclusive: true });
  assert.notEqual(exclusive, undefined);
  assert.deepEqual([group.hasCapacity, group.tryRun(counting(1n))], [false, undefined]);
  await exclusive;
});

test('capacity is told on a tick of its own, before the answer is read', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const events: string[] = [];
  await new Promise<void>((resolve) => group.onCapacity(resolve));
  group.onCapacity(() => events.push('capacity'));
  await group.tryRun(counting(1n))?.then(() => events.push('answer'));
  assert.deepEqual(events, ['capacity', 'answer']);
});

test('growing and shrinking while runs are in flight loses none of them', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const first = group.tryRun(counting(100_000n));
  await group.resize(3);
  assert.equal(group.instanceCount, 3);
  const others = [group.tryRun(counting(100_000n)), group.tryRun(counting(100_000n))];
  await group.resize(1);
  assert.equal(group.instanceCount, 1);
  for (const result of await Promise.all([first, ...others])) {
    assert.deepEqual(result?.outputs[0]?.data, BigInt64Array.of(100_000n));
  }
  assert.equal([...engine.processes()].length, 1);
});

test('a spare takes over at once, and is itself replaced', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('divide', { spares: 1 }));
  await run(group, division(4, 2));
  const pids = [...engine.processes()].map(({ pid }) => pid);
  assert.equal(pids.length, 2);
  assert.equal(group.instanceCount, 1);
  await assert.rejects(run(group, poison), ProcessFailure);
  assert.deepEqual(await run(group, division(6, 3)), [Int32Array.of(2)]);
  const [serving] = [...engine.processes()];
  assert.equal(serving?.pid, pids[1]);
});

test('when one of several instances dies the others serve on', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count', { instances: 2 }));
  await run(group, counting(1n));
  const doomed = group.tryRun(endless, { timeoutMs: 30 });
  assert.deepEqual(await run(group, counting(5n)), [BigInt64Array.of(5n)]);
  await assert.rejects(doomed ?? Promise.resolve(), { kind: tooLong });
  assert.deepEqual(await run(group, counting(6n)), [BigInt64Array.of(6n)]);
});

test('instances that cannot be added leave the group as it was', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'model.onnx');
  copyFileSync(modelPath('count'), path);
  const engine = startEngine(context);
  const group = await engine.load({ ...loadRequest('count'), files: () => ({ modelPath: path }) });
  writeFileSync(path, 'no model');
  await assert.rejects(group.resize(3), { code: 'INVALID_ARGUMENT' });
  assert.equal([...engine.processes()].length, 1);
  assert.deepEqual(await run(group, counting(2n)), [BigInt64Array.of(2n)]);
});
