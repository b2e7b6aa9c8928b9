import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EngineFailure, type EngineFailureKind, type InstanceGroup } from '../../src/core/inference-engine.js';
import { ServingError } from '../../src/core/serving-error.js';
import { loadGroup } from '../../src/serving/load-group.js';
import { ComputingGroup } from './computing-group.js';

const group = new ComputingGroup(() => []);
const request = { id: { name: 'm', version: 1 }, files: () => ({ modelPath: '/m.onnx' }), instances: 1, threads: 1 };

/** Loads with an engine whose processes end in these ways, one at a time, before one loads the model. */
function loadAfter(...exits: readonly [kind: EngineFailureKind, exit: string][]): Promise<InstanceGroup> {
  const left = [...exits];
  return loadGroup(
    {
      load: async () => {
        const [kind, exit] = left.shift() ?? [];
        if (kind === undefined || exit === undefined) return group;
        throw new ServingError('INTERNAL', `ended: ${exit}`, { cause: new EngineFailure(kind, exit) });
      },
    },
    request,
  );
}

const kill: [EngineFailureKind, string] = ['CRASHED', 'SIGKILL'];

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

test('a load that ends its process by itself, or takes too long, is not repeated', async () => {
  await assert.rejects(loadAfter(['CRASHED', 'SIGFPE']), { message: 'ended: SIGFPE' });
  await assert.rejects(loadAfter(['RUN_TIMEOUT', 'SIGKILL']), { message: 'ended: SIGKILL' });
});
