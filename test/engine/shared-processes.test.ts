import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import type { ProcessEngine } from '../../src/engine/process-engine.js';
import {
  capacity,
  counting,
  division,
  endless,
  loadRequest,
  poison,
  run,
  startEngine,
  tooLong,
} from './engine-fixture.js';

const shareable = (name: string, model: string) => loadRequest(model, { id: { name, version: 1 }, shareable: true });

const pidsByName = (engine: ProcessEngine): ReadonlyMap<string, number> =>
  new Map([...engine.processes()].map(({ id, pid }) => [id.name, pid]));

test('shareable models beyond the first few live together, and answer as they would alone', async (context) => {
  const engine = startEngine(context, { ownProcesses: 2, sharedProcesses: 2 });
  const names = Array.from({ length: 10 }, (_, index) => `count-${index}`);
  const groups = await Promise.all(names.map((name) => engine.load(shareable(name, 'count'))));
  const pids = [...pidsByName(engine).values()];
  assert.equal(pids.length, 10);
  assert.equal(new Set(pids).size, 4);
  const answers = await Promise.all(groups.map((group, index) => run(group, counting(BigInt(index)))));
  assert.deepEqual(
    answers,
    names.map((_, index) => [BigInt64Array.of(BigInt(index))]),
  );
});

test('models that may not share never do', async (context) => {
  const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
  await Promise.all([engine.load(loadRequest('count')), engine.load(loadRequest('mlp'))]);
  assert.equal(new Set([...engine.processes()].map(({ pid }) => pid)).size, 2);
});

test('a crash moves the model that caused it to a process of its own; the neighbours share on', async (context) => {
  const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
  const divide = await engine.load(shareable('divide', 'divide'));
  const [first, second] = await Promise.all([
    engine.load(shareable('first', 'count')),
    engine.load(shareable('second', 'count')),
  ]);
  assert.equal(new Set(pidsByName(engine).values()).size, 1);
  await run(divide, division(4, 2));
  await assert.rejects(run(divide, poison), ProcessFailure);
  assert.deepEqual(await run(divide, division(4, 2)), [Int32Array.of(2)]);
  assert.deepEqual(await run(first, counting(1n)), [BigInt64Array.of(1n)]);
  assert.deepEqual(await run(second, counting(2n)), [BigInt64Array.of(2n)]);
  const pids = pidsByName(engine);
  assert.equal(pids.get('first'), pids.get('second'));
  assert.notEqual(pids.get('divide'), pids.get('first'));
});

test('a model is unloaded from its shared process without a word to the others', async (context) => {
  const exits: string[] = [];
  const engine = startEngine(context, {
    ownProcesses: 0,
    sharedProcesses: 1,
    observer: { engineExited: ({ id, expected, cause }) => exits.push(`${id.name} ${expected} ${cause}`) },
  });
  const stays = await engine.load(shareable('stays', 'count'));
  const leaves = await engine.load(shareable('leaves', 'count'));
  const running = leaves.tryRun(counting(50_000n));
  const closing = assert.rejects(running ?? Promise.resolve(), { kind: 'CLOSED' });
  await leaves.close();
  await closing;
  assert.deepEqual(exits, ['leaves true unloaded']);
  assert.deepEqual(await run(stays, counting(2n)), [BigInt64Array.of(2n)]);
  await stays.close();
  assert.deepEqual(exits, ['leaves true unloaded', 'stays true exit code 0']);
});

test('capacity is told to every model of a process', async (context) => {
  const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
  const first = await engine.load(shareable('first', 'count'));
  const second = await engine.load(shareable('second', 'count'));
  const long = first.tryRun(counting(20_000n));
  assert.equal(second.tryRun(counting(1n)), undefined);
  await capacity(second);
  assert.deepEqual(await run(second, counting(1n)), [BigInt64Array.of(1n)]);
  await long;
});

test('an endless run takes its neighbours’ runs down as not begun', async (context) => {
  const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
  const first = await engine.load(shareable('first', 'count'));
  const second = await engine.load(shareable('second', 'count'));
  const doomed = first.tryRun(endless, { timeoutMs: 30 });
  await assert.rejects(doomed ?? Promise.resolve(), { kind: tooLong });
  assert.deepEqual(await run(second, counting(7n)), [BigInt64Array.of(7n)]);
  assert.deepEqual(await run(first, counting(8n)), [BigInt64Array.of(8n)]);
});

test('a model that sought no capacity is not told of what others of its process leave', async (context) => {
  const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
  const busy = await engine.load(shareable('busy', 'count'));
  const still = await engine.load(shareable('still', 'count'));
  await run(still, counting(1n));
  await new Promise((resolve) => setImmediate(resolve));
  let told = 0;
  still.onCapacity(() => told++);
  for (let turn = 0; turn < 3; turn++) await run(busy, counting(1n));
  assert.equal(told, 0);
});
