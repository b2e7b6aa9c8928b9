import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readModelFile } from '../../src/onnx/model-file.js';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { testModel } from '../support/model-paths.js';
import { flag, floats, inputsOf, outputsOf, plain, Workbench } from './prepared.js';

const workbench = new Workbench();
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-ort-'));
});
after(() => rm(directory, { recursive: true }));

test("a file in onnxruntime's own format is described and served", async () => {
  const model = await workbench.prepare('control_flow.ort');
  assert.deepEqual(inputsOf(model), ['x FP32[n]', 'double BOOL[]']);
  assert.deepEqual(outputsOf(model), ['y FP32[n]']);
  assert.equal(model.metadata.producer, 'slipway-tests');
  const { y } = await workbench.run(model, { x: floats([1, 2]), double: flag(true) });
  assert.deepEqual(plain(y).data, [2, 4]);
});

test('its operators are counted, in subgraphs too', async () => {
  const { operators } = await readModelFile(testModel('control_flow.ort'));
  assert.deepEqual(Object.fromEntries(operators.get('ai.onnx') ?? []), { If: 1, Mul: 2 });
});

for (const [source, name, format] of [
  ['control_flow.ort', 'model.onnx', 'ort'],
  ['control_flow', 'model.ort', 'onnx'],
] as const) {
  test(`${source} under the name ${name} is rejected with the name it needs`, async () => {
    const path = join(directory, name);
    await copyFile(testModel(source), path);
    await assert.rejects(prepareModel(path, { cacheDirectory: directory }), {
      code: 'INVALID_ARGUMENT',
      message: new RegExp(`give it a name that ends in .${format}$`),
    });
  });
}

test('a file that is cut, or has a byte flipped, at any third position is rejected or read', async () => {
  const whole = await readFile(testModel('control_flow.ort'));
  const paths: string[] = [];
  for (let position = 8; position < whole.length; position += 3) {
    const flipped = Buffer.from(whole);
    flipped[position]! ^= 0xff;
    for (const [way, content] of Object.entries({ cut: whole.subarray(0, position), flipped })) {
      const path = join(directory, `${way}-at-${position}.ort`);
      await writeFile(path, content);
      paths.push(path);
    }
  }
  // All are written first: a file that has just been written is waited for.
  for (const path of paths) {
    await prepareModel(path, { cacheDirectory: directory }).catch((error: unknown) => {
      assert.equal((error as Error).name, 'ServingError', `${path}: ${error}`);
    });
  }
});
