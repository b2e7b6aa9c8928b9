import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileState } from '../../src/core/engine-files.js';
import { lookupModel, lookupWeightsName } from '../support/lookup-model.js';
import { batchOf, loadRequest, run, startEngine } from './engine-fixture.js';

/** More elements than the engine keeps inside the model. */
const count = 100_000;

const onlyHere = { skip: process.platform === 'linux' ? false : 'nothing tells what a process has mapped' };

for (const binding of ['auto', 'public'] as const) {
  test(
    `weights that the engine would go on reading from a shared file are copied (${binding} binding)`,
    onlyHere,
    async (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
      context.after(() => rmSync(directory, { recursive: true }));
      const [modelPath, path] = [join(directory, 'rewritten.onnx'), join(directory, lookupWeightsName)];
      writeFileSync(modelPath, lookupModel(count));
      writeFileSync(path, new Float32Array(count).fill(7));
      const original = { path, state: fileState(statSync(path, { bigint: true })), use: 'shared' as const };
      const files = { modelPath, externalDataDirectory: directory, originals: [original] };
      const engine = startEngine(context, { binding });
      const group = await engine.load({ ...loadRequest('lookup'), files: () => files });
      const batch = batchOf([{ dataType: 'INT64', shape: [2], data: BigInt64Array.of(0n, 99_999n) }]);
      writeFileSync(path, new Float32Array(count).fill(8));
      assert.deepEqual(await run(group, batch), [Float32Array.of(7, 7)]);
      truncateSync(path, 4);
      assert.deepEqual(await run(group, batch), [Float32Array.of(7, 7)]);
    },
  );
}
