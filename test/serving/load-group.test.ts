import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { InstanceGroup, LoadRequest } from '../../src/core/inference-engine.js';
import { ProcessFailure, type ProcessFailureKind } from '../../src/core/process-failure.js';
import { ServingError } from '../../src/core/serving-error.js';
import { type LoadOutcome, loadGroup } from '../../src/serving/load-group.js';
import { ComputingGroup } from './computing-group.js';

const group = new ComputingGroup(() => []);
const request = { id: { name: 'm', version: 1 }, files: () => ({ modelPath: '/m.onnx' }), instances: 1, threads: 1 };

type Exit = readonly [kind: ProcessFailureKind, exit: string, wasRunning?: boolean];

/** Loads with an engine whose processes end in these ways, one at a time, before one loads the model. */
async function loadAfter(...exits: readonly Exit[]): Promise<InstanceGroup> {
  return (await outcomeAfter(exits)).group;
}

/** What the engine was asked for each time. */
let asked: LoadRequest[] = [];

function outcomeAfter(exits: readonly Exit[], more: Partial<LoadRequest> = {}): Promise<LoadOutcome> {
  const left = [...exits];
  asked = [];
  return loadGroup(
    {
      load: async (given) => {
        asked.push(given);
        const [kind, exit, wasRunning] = left.shift() ?? [];
        if (kind === undefined || exit === undefined) return group;
        throw new ServingError('INTERNAL', `ended: ${exit}`, { cause: new ProcessFailure(kind, exit, wasRunning) });
      },
    },
    { ...request, ...more },
  );
}

const kill: Exit = ['CRASHED', 'SIGKILL'];

test('a load whose process was killed from outside is repeated at once', async () => {
  assert.equal(await loadAfter(kill), group);
});

test('a load that is killed again is repeated after a while, and given up in the end', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  assert.equal(await passing(context, loadAfter(kill, kill, kill, kill)), group);
  await assert.rejects(passing(context, loadAfter(kill, kill, kill, kill, kill)), { message: 'ended: SIGKILL' });
});

/** Lets time pass, however much of it, until the promise settles. */
async function passing<T>({ mock }: TestContext, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  while (!isSettled) {
    mock.timers.tick(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return settled;
}

const crash: Exit = ['CRASHED', 'SIGFPE'];

test('a load that takes too long is not repeated, nor one that was told to end', async () => {
  await assert.rejects(loadAfter(['RUN_TIMEOUT', 'SIGKILL']), { message: 'ended: SIGKILL' });
  await assert.rejects(loadAfter(['CLOSED', 'exit code 0', false]), { message: 'ended: exit code 0' });
});

test('a load that ends its process by itself is tried once more, without graph optimization', async () => {
  const outcome = await outcomeAfter([crash]);
  assert.equal(outcome.group, group);
  assert.equal(outcome.crash?.message, 'ended: SIGFPE');
  assert.deepEqual(
    asked.map(({ isOptimized }) => isOptimized),
    [undefined, false],
  );
  await assert.rejects(loadAfter(crash, crash), {
    message: 'ended: SIGFPE; without graph optimization it does not serve either',
  });
});

test('a load beside which another model ended the process is repeated alone, optimized', async () => {
  const outcome = await outcomeAfter([['CRASHED', 'SIGFPE', false]], { shareable: true });
  assert.equal(outcome.crash, undefined);
  assert.deepEqual(
    asked.map(({ shareable, isOptimized }) => [shareable, isOptimized]),
    [
      [true, undefined],
      [false, undefined],
    ],
  );
  const killedBeside = await outcomeAfter([['CRASHED', 'SIGKILL', false]], { shareable: true });
  assert.equal(killedBeside.group, group);
  assert.equal(asked.at(-1)?.shareable, false);
});

test('a load that ends a shared process is repeated alone before optimization is blamed', async () => {
  const { crash: blamed } = await outcomeAfter([crash, crash], { shareable: true });
  assert.equal(blamed?.message, 'ended: SIGFPE');
  assert.deepEqual(
    asked.map(({ shareable, isOptimized }) => [shareable, isOptimized]),
    [
      [true, undefined],
      [false, undefined],
      [false, false],
    ],
  );
});
