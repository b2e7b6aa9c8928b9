import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { ServingError } from '../../src/core/serving-error.js';
import { batchOf, floats, loadRequest, modelPath, run, startEngine } from './engine-fixture.js';

const rejections: readonly (readonly [string, RegExp])[] = [
  ['truncated', /^the engine cannot load truncated\.onnx: Protobuf parsing failed\.$/],
  ['empty', /^the engine cannot load empty\.onnx: ModelProto does not have a graph\.$/],
  ['absent', /^the engine cannot load absent\.onnx: .*File doesn't exist/],
  ['unknown-operator', /^the engine does not know operator NoSuchOperator of operator set \d+/],
  ['int4-output', /the output "y" has ONNX element type 22, which onnxruntime-node cannot exchange/],
];

for (const [model, message] of rejections) {
  test(`${model}.onnx is rejected with the engine’s reason, without paths of anybody’s machine`, async (context) => {
    const engine = startEngine(context);
    const error = await engine.load(loadRequest(model)).then(
      () => assert.fail('it was loaded'),
      (reason: ServingError) => reason,
    );
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /onnxruntime_src|\/test\/models/);
    assert.deepEqual([...engine.processes()], []);
  });
}

test('loading that takes too long is stopped', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const modelPath = join(directory, 'never-written.onnx');
  execFileSync('mkfifo', [modelPath]);
  const engine = startEngine(context, { loadTimeoutMs: 20 });
  await assert.rejects(engine.load({ ...loadRequest('mlp'), files: () => ({ modelPath }) }), {
    code: 'DEADLINE_EXCEEDED',
    message: /not loaded within 20 ms/,
  });
  assert.deepEqual([...engine.processes()], []);
});

test('loading can be called off', async (context) => {
  const engine = startEngine(context);
  const calling = new AbortController();
  const loading = engine.load(loadRequest('mlp', { instances: 2 }), calling.signal);
  setImmediate(() => calling.abort());
  await assert.rejects(loading, { code: 'CANCELED' });
  await assert.rejects(engine.load(loadRequest('mlp'), calling.signal), { code: 'CANCELED' });
});

test('one instance that cannot be loaded stops the others', async (context) => {
  const exits: boolean[] = [];
  const engine = startEngine(context, { observer: { engineExited: ({ expected }) => exits.push(expected) } });
  await assert.rejects(engine.load(loadRequest('truncated', { instances: 3 })), { code: 'INVALID_ARGUMENT' });
  assert.deepEqual(exits, [true, true, true]);
  assert.deepEqual([...engine.processes()], []);
});

test('a model whose file has gone bad meanwhile is given up when its process dies', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'model.onnx');
  copyFileSync(modelPath('mlp'), path);
  const restartPolicy = { baseDelayMs: 1, maxDelayMs: 1, minIntervalMs: 0, healthyAfterMs: 60_000, maxFailures: 3 };
  const engine = startEngine(context, { restartPolicy });
  const group = await engine.load({ ...loadRequest('mlp'), files: () => ({ modelPath: path }) });
  const failed = new Promise<ServingError>((resolve) => group.onFailed(resolve));
  writeFileSync(path, 'no model');
  process.kill([...engine.processes()][0]?.pid as number, 'SIGKILL');
  const reason = await failed;
  assert.match(reason.message, /failed 3 times in a row .*the engine cannot load model\.onnx: Protobuf parsing failed/);
});

test('a closed engine loads nothing any more', async (context) => {
  const engine = startEngine(context);
  await engine.close();
  await assert.rejects(engine.load(loadRequest('mlp')), { code: 'CANCELED' });
  assert.deepEqual([...engine.processes()], []);
});

test('text models find the locale they ask for', async (context) => {
  const engine = startEngine(context);
  const group = await engine.load(loadRequest('uppercase'));
  const batch = batchOf([{ dataType: 'BYTES', shape: [2], data: ['grün', 'été'] }]);
  assert.deepEqual(await run(group, batch), [['GRÜN', 'ÉTÉ']]);
});

for (const binding of ['auto', 'public'] as const) {
  test(`a model is loaded with external data that lies elsewhere (${binding} binding)`, async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'rewritten.onnx');
    copyFileSync(modelPath('external-data'), path);
    const engine = startEngine(context, { binding });
    const batch = floats(10, 20, 30);
    const beside = await engine.load(loadRequest('external-data'));
    assert.deepEqual(await run(beside, batch), [Float32Array.of(11, 22, 33)]);
    const elsewhere = { ...loadRequest('external-data'), files: () => ({ modelPath: path }) };
    await assert.rejects(engine.load(elsewhere), (error: ServingError) => !error.message.includes(directory));
    const externalDataDirectory = dirname(modelPath('external-data'));
    const found = await engine.load({ ...elsewhere, files: () => ({ modelPath: path, externalDataDirectory }) });
    assert.deepEqual(await run(found, batch), [Float32Array.of(11, 22, 33)]);
  });
}
