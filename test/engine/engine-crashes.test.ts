import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchResult } from '../../src/core/inference-engine.js';
import { ProcessFailure } from '../../src/core/process-failure.js';
import type { ServingError } from '../../src/core/serving-error.js';
import { chaosModel } from '../support/model-paths.js';
import {
  batchOf,
  capacity,
  counting,
  division,
  endless,
  integers,
  loadRequest,
  poison,
  run,
  startEngine,
  tooLong,
} from './engine-fixture.js';

const failureOf = async (promise: Promise<unknown> | undefined): Promise<ProcessFailure> => {
  const error = await promise?.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ProcessFailure, `expected an ProcessFailure, got ${error}`);
  return error;
};

test('a killed process fails its run, and is replaced', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const [before] = [...engine.processes()];
  const running = group.tryRun(endless);
  process.kill(before?.pid as number, 'SIGKILL');
  const failure = await failureOf(running);
  assert.deepEqual([failure.kind, failure.exit, failure.wasRunning], ['CRASHED', 'SIGKILL', true]);
  assert.deepEqual(await run(group, counting(3n)), [BigInt64Array.of(3n)]);
  const [after] = [...engine.processes()];
  assert.notEqual(after?.pid, before?.pid);
});

test('a process that is killed while it has nothing to do is replaced', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('divide'));
  const [before] = [...engine.processes()];
  const lost = new Promise<void>((resolve) => group.onCapacity(() => group.hasCapacity || resolve()));
  process.kill(before?.pid as number, 'SIGKILL');
  await lost;
  assert.equal(group.instanceCount, 0);
  assert.equal(group.tryRun(division(6, 3)), undefined);
  assert.deepEqual(await run(group, division(6, 3)), [Int32Array.of(2)]);
});

test('a batch that waits behind a poisonous one is told that it had not begun', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('divide'));
  for (let warmUp = 0; warmUp < 20; warmUp++) await run(group, division(6, 3));
  const first = group.tryRun(poison);
  const second = group.tryRun(division(6, 3));
  assert.notEqual(second, undefined, 'runs are short: a second batch may follow');
  assert.equal(group.tryRun(division(6, 3)), undefined);
  assert.equal((await failureOf(first)).wasRunning, true);
  const behind = await failureOf(second);
  assert.deepEqual([behind.kind, behind.exit, behind.wasRunning], ['CRASHED', 'SIGFPE', false]);
});

test('poison upon poison does not quarantine a model that has answered once', async (context) => {
  const policy = { baseDelayMs: 1, maxDelayMs: 1, minIntervalMs: 0, healthyAfterMs: 60_000, maxFailures: 3 };
  const engine = startEngine(context, { restartPolicy: policy });
  const group = await engine.load(loadRequest('divide'));
  group.onFailed((reason) => assert.fail(reason));
  await run(group, division(6, 3));
  for (let round = 0; round < 2 * policy.maxFailures; round++) {
    await capacity(group);
    assert.equal((await failureOf(group.tryRun(poison))).exit, 'SIGFPE');
  }
  assert.deepEqual(await run(group, division(8, -2)), [Int32Array.of(-4)]);
});

test('a model that never answers but always crashes is given up, with the reason', async (context) => {
  const policy = { baseDelayMs: 1, maxDelayMs: 1, minIntervalMs: 0, healthyAfterMs: 60_000, maxFailures: 3 };
  const exits: string[] = [];
  const engine = startEngine(context, {
    restartPolicy: policy,
    observer: { engineExited: ({ expected, cause }) => exits.push(`${expected} ${cause}`) },
  });
  const group = await engine.load(loadRequest('divide'));
  const failed = new Promise<ServingError>((resolve) => group.onFailed(resolve));
  for (let round = 0; round < policy.maxFailures; round++) {
    await capacity(group);
    await failureOf(group.tryRun(poison));
  }
  const reason = await failed;
  assert.equal(reason.code, 'UNAVAILABLE');
  assert.match(reason.message, /^divide\/1: its engine process failed 3 times in a row .*SIGFPE, an arithmetic fault/);
  const toldLater = new Promise((resolve) => group.onFailed(resolve));
  assert.equal(await toldLater, reason);
  assert.equal(group.tryRun(division(1, 1)), undefined);
  assert.equal(group.instanceCount, 0);
  assert.deepEqual([...engine.processes()], []);
  assert.equal(exits.length, 3);
  for (const exit of exits) assert.match(exit, /^false SIGFPE/);
});

test('a process that is started again first computes what worked before: a model that cannot any more is given up unasked', async (context) => {
  const restartPolicy = { baseDelayMs: 1, maxDelayMs: 1, minIntervalMs: 0, healthyAfterMs: 1e9, maxFailures: 3 };
  const engine = startEngine(context, { restartPolicy });
  let path = chaosModel('spin');
  const group = await engine.load(loadRequest('spin', { files: () => ({ modelPath: path }) }));
  const one = batchOf([{ dataType: 'INT64', shape: [1], data: BigInt64Array.of(1n) }]);
  assert.deepEqual(await run(group, one), [BigInt64Array.of(2n)]);
  const failed = new Promise<ServingError>((resolve) => group.onFailed(resolve));
  path = chaosModel('crash-at-run');
  for (const { pid } of engine.processes()) process.kill(pid, 'SIGKILL');
  const { message } = await failed;
  assert.match(message, /failed 3 times in a row .*a run that used to work ended the process \(SIGFPE\)/);
});

test('a run that exceeds its time is killed; the model goes on', async (context) => {
  const exits: string[] = [];
  const engine = startEngine(context, { observer: { engineExited: ({ cause }) => exits.push(cause) } });
  const group = await engine.load(loadRequest('count'));
  assert.deepEqual(await run(group, counting(2n)), [BigInt64Array.of(2n)]);
  const failure = await failureOf(group.tryRun(endless, { timeoutMs: 50 }));
  assert.match(failure.kind, tooLong);
  assert.equal(failure.exit, 'SIGKILL');
  assert.match(exits[0] ?? '', /^SIGKILL, ended by the server because /);
  assert.deepEqual(await run(group, counting(4n), { timeoutMs: 60_000 }), [BigInt64Array.of(4n)]);
});

test('an overdue run ends before its time is up', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const failure = await failureOf(group.tryRun(endless, { timeoutMs: 2 ** 31 - 1, overdueAfterMs: 50 }));
  assert.match(failure.kind, tooLong);
});

test('a process that was stopped is replaced; what it held runs again', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  await run(group, counting(1n));
  const [stopped] = [...engine.processes()];
  process.kill(stopped?.pid as number, 'SIGSTOP');
  const failure = await failureOf(group.tryRun(counting(1n), { timeoutMs: 200 }));
  assert.deepEqual([failure.kind, failure.wasKilled], ['STALLED', true]);
  assert.deepEqual(await run(group, counting(4n)), [BigInt64Array.of(4n)]);
});

test('the batch behind an endless one is not blamed for the time', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  let first: Promise<BatchResult> | undefined;
  let second: Promise<BatchResult> | undefined;
  // None is sent behind another while runs take long, as they do on a busy machine.
  while (second === undefined) {
    await first?.catch(() => {});
    for (let warmUp = 0; warmUp < 20; warmUp++) await run(group, counting(1n));
    first = group.tryRun(endless, { timeoutMs: 50 });
    second = group.tryRun(counting(1n), { timeoutMs: 60_000 });
  }
  const behind = await failureOf(second);
  assert.deepEqual([behind.kind, behind.wasRunning], ['CRASHED', false]);
  assert.match((await failureOf(first)).kind, tooLong);
});

test('closing fails the runs in flight as closed, and those that come later', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('count'));
  const running = group.tryRun(endless);
  const failure = failureOf(running);
  await group.close();
  assert.equal((await failure).kind, 'CLOSED');
  assert.equal((await failureOf(group.tryRun(endless))).kind, 'CLOSED');
  assert.deepEqual([...engine.processes()], []);
});

test('what the model rejects is the caller’s error, cleaned of places in source code, and nothing else', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('two-inputs'));
  const bad = batchOf(
    [
      { name: 'a', dataType: 'FP32', shape: [2], data: Float32Array.of(1, 2) },
      { name: 'b', dataType: 'FP32', shape: [3], data: Float32Array.of(1, 2, 3) },
    ],
    ['sum'],
  );
  const [before] = [...engine.processes()];
  await assert.rejects(run(group, bad), {
    code: 'INVALID_ARGUMENT',
    message:
      /^the model could not compute an answer for these inputs: (Add|Sub) node: Attempting to broadcast an axis by a dimension other than 1\. 2 by 3$/,
  });
  await assert.rejects(run(group, batchOf([integers('a', 1), integers('c', 1)], ['sum'])), {
    code: 'INVALID_ARGUMENT',
    message: 'the model has no input "c"; it has a, b',
  });
  await assert.rejects(run(group, batchOf([integers('a', 1), integers('b', 1)], ['sum'])), {
    code: 'INVALID_ARGUMENT',
    message: /Unexpected input data type/,
  });
  assert.equal([...engine.processes()][0]?.pid, before?.pid);
});
