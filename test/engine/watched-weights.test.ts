import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileState } from '../../src/core/engine-files.js';
import type { InstanceGroup } from '../../src/core/inference-engine.js';
import { ProcessFailure } from '../../src/core/process-failure.js';
import type { ServingError } from '../../src/core/serving-error.js';
import type { ProcessEngineOptions } from '../../src/engine/process-engine.js';
import { processorTimes } from '../../src/processes/process-status.js';
import { lookupModel, lookupWeightsName, slowLookupModel } from '../support/lookup-model.js';
import { batchOf, loadRequest, run, startEngine } from './engine-fixture.js';

/** More elements than the engine keeps inside the model. */
const count = 100_000;

/** Seconds, Unix time. */
const longAgo = 1e9;

const x = { dataType: 'INT64', shape: [2], data: BigInt64Array.of(0n, 99_999n) } as const;
const lookup = batchOf([x]);
const slowLookup = batchOf([x, { name: 'steps', dataType: 'INT64', shape: [], data: BigInt64Array.of(1_000_000n) }]);

interface Loaded {
  readonly group: InstanceGroup;
  /** The file of its weights. */
  readonly path: string;
  readonly failed: Promise<ServingError>;
  readonly pid: number;
  /** Loads what was prepared once more. */
  readonly loadAgain: () => Promise<InstanceGroup>;
  /** Resolves when so many engine processes have ended. */
  readonly exits: (count: number) => Promise<void>;
}

/** A model whose weights, all of them 7, are in a file of the user's. */
async function load(
  context: TestContext,
  { model = lookupModel(count), ...options }: { model?: Uint8Array } & Partial<ProcessEngineOptions> = {},
) {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const [modelPath, path] = [join(directory, 'model.onnx'), join(directory, lookupWeightsName)];
  writeFileSync(modelPath, model);
  writeFileSync(path, new Float32Array(count).fill(7));
  utimesSync(path, longAgo, longAgo);
  const original = (file: string, use: 'model' | 'external') =>
    ({ path: file, state: fileState(statSync(file, { bigint: true })), use }) as const;
  const originals = [original(modelPath, 'model'), original(path, 'external')];
  let ended = 0;
  let onExit = (): void => {};
  const engineExited = (): void => {
    ended++;
    onExit();
  };
  const exits = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onExit = () => ended >= count && resolve();
      onExit();
    });
  const engine = startEngine(context, { ...options, observer: { engineExited } });
  const loadAgain = () => engine.load({ ...loadRequest('lookup'), files: () => ({ modelPath, originals }) });
  const group = await loadAgain();
  const failed = new Promise<ServingError>((resolve) => group.onFailed(resolve));
  const pid = Array.from(engine.processes(), (one) => one.pid)[0] as number;
  return { group, path, failed, pid, loadAgain, exits } satisfies Loaded;
}

/** One number of the file is another, whatever else stays as it was. */
function writeInPlace(path: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Float32Array.of(8), 0, 4, 0);
  closeSync(fd);
}

async function assertGivenUp({ group, failed }: Loaded, result: Promise<unknown>): Promise<void> {
  await assert.rejects(result, (error) => error instanceof ProcessFailure && error.kind === 'CLOSED');
  const { code, message, retryAfterSeconds } = await failed;
  assert.equal(code, 'UNAVAILABLE');
  assert.match(message, /^lookup\/1: its file weights\.bin was replaced or written to after it was read; /);
  assert.equal(retryAfterSeconds, 1);
  assert.equal(group.hasCapacity, false);
}

for (const binding of ['auto', 'public'] as const) {
  test(`a model is given up as soon as its mapped weights are written to (${binding} binding)`, async (context) => {
    const loaded = await load(context, { binding });
    assert.deepEqual(await run(loaded.group, lookup), [Float32Array.of(7, 7)]);
    writeInPlace(loaded.path);
    await assertGivenUp(loaded, run(loaded.group, lookup));
    await assert.rejects(loaded.loadAgain(), { code: 'UNAVAILABLE', retryAfterSeconds: 1 });
  });
}

test('a run during which the weights are written to is not answered', async (context) => {
  const loaded = await load(context, { model: slowLookupModel(count) });
  const before = processorTimes(loaded.pid)!.ranMs;
  const result = run(loaded.group, slowLookup);
  // It has begun, and has a million steps to go.
  while (processorTimes(loaded.pid)!.ranMs - before < 40) await new Promise((resolve) => setImmediate(resolve));
  writeInPlace(loaded.path);
  await assertGivenUp(loaded, result);
});

test('weights that were cut off end neither the process nor the request as if it were poison', async (context) => {
  const loaded = await load(context);
  truncateSync(loaded.path, 0);
  await assertGivenUp(loaded, run(loaded.group, lookup));
});

test('a time of modification that was set back hides nothing', async (context) => {
  const loaded = await load(context);
  writeInPlace(loaded.path);
  utimesSync(loaded.path, longAgo, longAgo);
  await assertGivenUp(loaded, run(loaded.group, lookup));
});

test('weights that are replaced or removed by name are used on, as they were', async (context) => {
  const { group, path } = await load(context);
  writeFileSync(`${path}.new`, new Float32Array(count).fill(8));
  renameSync(`${path}.new`, path);
  assert.deepEqual(await run(group, lookup), [Float32Array.of(7, 7)]);
  rmSync(path);
  assert.deepEqual(await run(group, lookup), [Float32Array.of(7, 7)]);
});

test('an instance that cannot be started again for changed files gives the model up at once, with that reason', async (context) => {
  const loaded = await load(context);
  writeInPlace(loaded.path);
  process.kill(loaded.pid, 'SIGKILL');
  assert.match((await loaded.failed).message, /its file weights\.bin was replaced or written to/);
});

test('a model whose folder is away for a moment is unavailable, and started again once it is back', async (context) => {
  const loaded = await load(context);
  const folder = dirname(loaded.path);
  context.after(() => rmSync(`${folder}-away`, { recursive: true, force: true }));
  renameSync(folder, `${folder}-away`);
  await assert.rejects(loaded.loadAgain(), {
    code: 'UNAVAILABLE',
    message: 'its file model.onnx was removed after it was read; it can be loaded once the file is there',
    retryAfterSeconds: 1,
  });
  process.kill(loaded.pid, 'SIGKILL');
  // Its first attempt to start again failed, too.
  await loaded.exits(3);
  renameSync(`${folder}-away`, folder);
  assert.deepEqual(await run(loaded.group, lookup), [Float32Array.of(7, 7)]);
});

test('a model whose files stay away is given up as unavailable, with a time to come back', async (context) => {
  const restartPolicy = { baseDelayMs: 1, maxDelayMs: 1, minIntervalMs: 0, healthyAfterMs: 60_000, maxFailures: 3 };
  const loaded = await load(context, { restartPolicy });
  rmSync(loaded.path);
  process.kill(loaded.pid, 'SIGKILL');
  const { code, message, retryAfterSeconds } = await loaded.failed;
  assert.equal(
    `${code} ${message}`,
    'UNAVAILABLE lookup/1: its file weights.bin was removed after it was read; it can be loaded once the file is there',
  );
  assert.equal(retryAfterSeconds, 1);
});
