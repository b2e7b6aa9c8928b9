import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferenceResponse } from '../../src/core/inference.js';
import type { ServableHandle } from '../../src/core/inference-service.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { Tensor } from '../../src/core/tensor.js';
import { completionOf } from '../support/completion.js';
import { PuppetWorld, settle } from './puppet-world.js';

const inferOnce = (handle: ServableHandle, x: Tensor): Promise<InferenceResponse> =>
  completionOf((handler) => handle.infer({ inputs: new Map([['x', x]]) }, handler));

test('the latest version is loaded and serves', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a', 2: 'b' });
  assert.equal(world.statesOf('iris'), '2: AVAILABLE');
  using handle = world.service.acquire({ name: 'iris' });
  assert.deepEqual(handle.description.id, { name: 'iris', version: 2 });
});

test('the old version serves until the new one does, and then goes', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  world.engine.automatic = false;
  await world.put('iris', { 1: 'a', 2: 'b' });
  assert.equal(world.statesOf('iris'), '2: LOADING, 1: AVAILABLE');
  await world.engine.finish('iris/2');
  assert.equal(world.statesOf('iris'), '2: AVAILABLE');
  assert.equal(world.engine.groups.get('iris/1')?.closed, true);
});

test('a version is not ended while a request holds it', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  const handle = world.service.acquire({ name: 'iris' });
  await world.put('iris', { 2: 'b' });
  assert.equal(world.statesOf('iris'), '2: AVAILABLE, 1: UNLOADING');
  assert.equal(world.engine.groups.get('iris/1')?.closed, false);
  const x = { dataType: 'FP32', shape: [1, 4], data: new Float32Array(4) } as const;
  assert.equal((await inferOnce(handle, x)).outputs.length, 1);
  handle[Symbol.dispose]();
  await settle();
  assert.equal(world.statesOf('iris'), '2: AVAILABLE');
});

test('a version serves once its file is copied, and not at all where the file changed before', async () => {
  const world = new PuppetWorld();
  let copied: () => void = () => {};
  world.pin = () =>
    new Promise((resolve) => {
      copied = resolve;
    });
  await world.put('iris', { 1: 'a' });
  assert.equal(world.statesOf('iris'), '1: LOADING');
  copied();
  await settle();
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  world.pin = async () => {
    throw new ServingError('INVALID_ARGUMENT', 'it was replaced');
  };
  await world.put('iris', { 1: 'a', 2: 'b' });
  assert.equal(world.statesOf('iris'), '2: END, 1: AVAILABLE');
  assert.equal(world.service.status({ name: 'iris' }).versions[0]?.reason, 'it was replaced');
  assert.equal(world.engine.groups.get('iris/2')?.closed, true);
});

test('what is loaded while requests are answered yields to them; what is loaded before has no need to', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  await world.put('beside', { 1: 'a' });
  using handle = world.service.acquire({ name: 'iris' });
  const x = { dataType: 'FP32', shape: [1, 4], data: new Float32Array(4) } as const;
  await inferOnce(handle, x);
  await world.put('iris', { 1: 'a', 2: 'b' });
  assert.deepEqual([...world.engine.yielding], ['iris/2']);
});

test('new content of the same version takes over beside the old one', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  const old = world.engine.groups.get('iris/1');
  world.engine.automatic = false;
  await world.put('iris', { 1: 'changed' });
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  assert.equal(old?.closed, false);
  await world.engine.finish('iris/1');
  assert.equal(old?.closed, true);
});

test('content that cannot be loaded leaves the old one serving, with the reason told', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  await world.put('iris', { 1: 'broken' });
  const [status] = world.service.status({ name: 'iris' }).versions;
  assert.deepEqual([status?.state, status?.reason], ['AVAILABLE', 'it is broken']);
});

for (const code of ['NOT_FOUND', 'UNAVAILABLE'] as const) {
  test(`a load that fails for what may pass is unavailable, never the caller's fault (${code})`, async () => {
    const world = new PuppetWorld();
    await world.put('iris', { 1: 'a' });
    world.pin = async () => {
      throw new ServingError(code, 'its file model.onnx is away');
    };
    await world.service.unloadModel('iris');
    await assert.rejects(world.service.loadModel('iris'), {
      code: 'UNAVAILABLE',
      message: "failed to load 'iris', version 1: its file model.onnx is away",
      retryAfterSeconds: 1,
    });
    await world.put('iris', { 1: 'a', 2: 'broken' });
    await assert.rejects(world.service.loadModel('iris'), { code: 'INVALID_ARGUMENT' });
  });
}

test('a broken version is tried again when its files change, not before', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'broken' });
  assert.equal(world.statesOf('iris'), '1: END');
  await world.put('iris', { 1: 'broken' });
  assert.equal(world.states.filter(([, state]) => state === 'LOADING').length, 1);
  await world.put('iris', { 1: 'mended' });
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
});

test('a version whose file was not there for a moment is tried again, a broken one is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const world = new PuppetWorld();
  let attempts = 0;
  const failWith = (code: 'NOT_FOUND' | 'INVALID_ARGUMENT') => async () => {
    attempts++;
    throw new ServingError(code, 'model.onnx does not exist');
  };
  world.pin = failWith('NOT_FOUND');
  await world.put('iris', { 1: 'a' });
  assert.equal(world.statesOf('iris'), '1: END');
  for (const pauseMs of [1000, 2000]) {
    const before = attempts;
    assert.throws(() => world.service.acquire({ name: 'iris' }), {
      code: 'UNAVAILABLE',
      retryAfterSeconds: pauseMs / 1000,
    });
    context.mock.timers.tick(pauseMs - 1);
    await settle();
    assert.equal(attempts, before);
    context.mock.timers.tick(1);
    await settle();
    assert.equal(attempts, before + 1);
  }
  world.pin = async () => {};
  context.mock.timers.tick(4000);
  await settle();
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  attempts = 0;
  world.pin = failWith('INVALID_ARGUMENT');
  await world.put('iris', { 1: 'b', 2: 'b' });
  assert.equal(attempts, 1);
  assert.throws(() => world.service.acquire({ name: 'iris', version: 2 }), {
    retryAfterSeconds: Number.POSITIVE_INFINITY,
  });
  context.mock.timers.tick(60_000);
  await settle();
  assert.equal(attempts, 1);
});

test('a model that is removed goes at once', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  await world.put('iris');
  assert.deepEqual(world.service.models(), []);
  assert.throws(() => world.service.acquire({ name: 'iris' }), { code: 'NOT_FOUND' });
});

const changed = new ServingError('UNAVAILABLE', 'its files changed', { retryAfterSeconds: 1 });
const away = new ServingError('UNAVAILABLE', 'its file weights.bin was removed', { retryAfterSeconds: 1 });

test('a version that the engine gives up for files that changed refuses, with a time to come back', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  world.engine.groups.get('iris/1')?.fail(changed);
  await settle();
  assert.equal(world.statesOf('iris'), '1: END');
  for (const selector of [{ name: 'iris' }, { name: 'iris', version: 1 }]) {
    assert.throws(() => world.service.acquire(selector), {
      code: 'UNAVAILABLE',
      message: /END, its files changed/,
      retryAfterSeconds: 1,
    });
  }
  await world.put('iris', { 1: 'broken' });
  assert.throws(() => world.service.acquire({ name: 'iris' }), {
    retryAfterSeconds: Number.POSITIVE_INFINITY,
  });
  await world.put('iris', { 1: 'b' });
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
});

test('a version that is given up for files that are away is tried again, what its processes died of is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  world.pin = async () => {
    throw new ServingError('NOT_FOUND', 'weights.bin does not exist');
  };
  world.engine.groups.get('iris/1')?.fail(away);
  await settle();
  assert.equal(world.statesOf('iris'), '1: END');
  context.mock.timers.tick(1000);
  await settle();
  assert.equal(world.service.status({ name: 'iris' }).versions[0]?.reason, 'weights.bin does not exist');
  world.pin = async () => {};
  context.mock.timers.tick(1999);
  await settle();
  assert.equal(world.statesOf('iris'), '1: END');
  context.mock.timers.tick(1);
  await settle();
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  world.engine.groups.get('iris/1')?.fail(new ServingError('UNAVAILABLE', 'its process failed 6 times in a row'));
  await settle();
  context.mock.timers.tick(60_000);
  await settle();
  assert.equal(world.statesOf('iris'), '1: END');
});

test('old content that is given up takes nothing away from the content that took its place', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  const old = world.engine.groups.get('iris/1');
  using handle = world.service.acquire({ name: 'iris' });
  await world.put('iris', { 1: 'b' });
  old?.fail(changed);
  await settle();
  assert.match(world.statesOf('iris'), /1: AVAILABLE/);
  assert.equal(world.engine.groups.get('iris/1')?.closed, false);
  assert.equal(handle.description.id.version, 1);
});

test('content that is given up before it serves leaves the old one serving, and is not served', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  const old = world.engine.groups.get('iris/1');
  let copied: () => void = () => {};
  world.pin = () =>
    new Promise((resolve) => {
      copied = resolve;
    });
  await world.put('iris', { 1: 'b' });
  const fresh = world.engine.groups.get('iris/1');
  assert.notEqual(fresh, old);
  fresh?.fail(changed);
  copied();
  await settle();
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  assert.deepEqual([old?.closed, fresh?.closed], [false, true]);
});

test('settings that a running version cannot take over reload it beside itself; labels do not', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  const before = world.engine.groups.get('iris/1');
  await world.put('iris', { 1: 'a' }, { labels: { stable: 1 } });
  assert.equal(world.engine.groups.get('iris/1'), before);
  await world.put('iris', { 1: 'a' }, { maxBatchSize: 4 });
  assert.notEqual(world.engine.groups.get('iris/1'), before);
  assert.equal(before?.closed, true);
});

test('no more versions load at a time than allowed', async () => {
  const world = new PuppetWorld('some', 2);
  world.engine.automatic = false;
  await world.put('a', { 1: 'x' });
  await world.put('b', { 1: 'x' });
  await world.put('c', { 1: 'x' });
  assert.deepEqual(world.engine.loading, ['a/1', 'b/1']);
  assert.equal(world.statesOf('c'), '1: START');
  await world.engine.finish('a/1');
  assert.deepEqual(world.engine.loading, ['b/1', 'c/1']);
});

test('labels lead to versions, and labelled versions serve besides the latest', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a', 2: 'b' }, { labels: { stable: 1 } });
  assert.equal(world.statesOf('iris'), '2: AVAILABLE, 1: AVAILABLE');
  using handle = world.service.acquire({ name: 'iris', label: 'stable' });
  assert.equal(handle.description.id.version, 1);
  assert.throws(() => world.service.acquire({ name: 'iris', label: 'stabel' }), {
    code: 'NOT_FOUND',
    message: /did you mean "stable"/,
  });
});

test('unknown models and versions are told from those that do not serve', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 3: 'broken' });
  const errorOf = (selector: Parameters<typeof world.service.acquire>[0]): unknown => {
    try {
      return world.service.acquire(selector);
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message}`;
    }
  };
  assert.equal(
    errorOf({ name: 'irsi' }),
    'NOT_FOUND Servable not found for request: Latest(irsi); did you mean "iris"?',
  );
  assert.equal(
    errorOf({ name: 'iris', version: 9 }),
    'NOT_FOUND Servable not found for request: Specific(iris, 9); its versions here are 3',
  );
  assert.match(
    String(errorOf({ name: 'iris' })),
    /^UNAVAILABLE Latest\(iris\) does not serve now: version 3: END, it is broken/,
  );
});

test('a model is unloaded and loaded by request', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a' });
  await world.service.unloadModel('iris');
  assert.equal(world.engine.groups.get('iris/1')?.closed, true);
  for (const selector of [{ name: 'iris' }, { name: 'iris', version: 1 }]) {
    assert.throws(() => world.service.acquire(selector), { code: 'NOT_FOUND' });
  }
  assert.deepEqual(
    world.service.status({ name: 'iris' }).versions.map(({ state, reason }) => [state, reason]),
    [['END', 'unloaded by request']],
  );
  await world.service.loadModel('iris');
  assert.equal(world.statesOf('iris'), '1: AVAILABLE');
  await world.put('sick', { 1: 'broken' });
  await assert.rejects(world.service.loadModel('sick'), {
    code: 'INVALID_ARGUMENT',
    message: /failed to load 'sick', version 1: it is broken/,
  });
});

test('settings that a load request brings count for more until the next one, and change nothing where it fails', async () => {
  const world = new PuppetWorld();
  await world.put('iris', { 1: 'a', 2: 'b' });
  const { service } = world;
  const versionPolicy = { kind: 'all' };
  await service.loadModel('iris', { config: JSON.stringify({ versionPolicy, maxBatchSize: 4 }) });
  assert.equal(world.statesOf('iris'), '2: AVAILABLE, 1: AVAILABLE');
  assert.equal(maxRequestRows(world), 4);
  await world.put('iris', { 1: 'a', 2: 'c' });
  assert.equal(maxRequestRows(world), 4);
  const config = JSON.stringify({ versionPolicy: { kind: 'specific', versions: [9] } });
  await assert.rejects(service.loadModel('iris', { config }), { message: /^failed to load 'iris', it has no version/ });
  assert.equal(world.statesOf('iris'), '2: AVAILABLE, 1: AVAILABLE');
  assert.equal(maxRequestRows(world), 4);
  await assert.rejects(service.loadModel('iris', { config: 'no JSON' }), {
    message: /^failed to load 'iris', config: /,
  });
  await service.loadModel('iris');
  assert.equal(world.statesOf('iris'), '2: AVAILABLE');
  assert.equal(maxRequestRows(world), 1000);
});

function maxRequestRows({ service }: PuppetWorld): number {
  using servable = service.acquire({ name: 'iris' });
  return servable.description.maxRequestRows;
}

test('a load ends without a look at the other models', async () => {
  const world = new PuppetWorld('some', 100);
  world.engine.automatic = false;
  const names = Array.from({ length: 30 }, (_, index) => `model-${index}`);
  for (const name of names) await world.put(name, { 1: 'a' });
  const before = world.lookUps;
  for (const name of names) await world.engine.finish(`${name}/1`);
  for (const name of names) assert.equal(world.statesOf(name), '1: AVAILABLE');
  assert.ok(world.lookUps - before <= 3 * names.length, `${world.lookUps - before} models were looked up`);
});

test('while the folder is being read, a model that is not known yet is to be asked for again', async () => {
  const world = new PuppetWorld();
  await world.put('known', { 1: 'a' });
  world.isOpening = true;
  const isComing = { code: 'UNAVAILABLE', retryAfterSeconds: 1 };
  assert.throws(() => world.service.acquire({ name: 'later' }), isComing);
  assert.throws(() => world.service.status({ name: 'later' }), isComing);
  world.service.acquire({ name: 'known' })[Symbol.dispose]();
  world.isOpening = false;
  assert.throws(() => world.service.acquire({ name: 'later' }), { code: 'NOT_FOUND' });
});
