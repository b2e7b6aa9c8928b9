import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileState } from '../../src/core/engine-files.js';
import { residentBytes } from '../../src/processes/process-status.js';
import { lookupModel, lookupWeightsName } from '../support/lookup-model.js';
import { loadRequest, startEngine } from './engine-fixture.js';

/** More elements than the engine keeps inside the model. */
const count = 100_000;
const loads = 60;
/** All of the weights that were loaded take more. */
const bytesAllowed = 12 * 2 ** 20;

const onlyHere = { skip: process.platform === 'linux' ? false : 'nothing tells what a process has in use' };

test(
  'a process that many models come to and go from keeps neither files nor memory of them',
  onlyHere,
  async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const [modelPath, path] = [join(directory, 'model.onnx'), join(directory, lookupWeightsName)];
    writeFileSync(modelPath, lookupModel(count));
    writeFileSync(path, new Float32Array(count).fill(7));
    const originals = [
      { path: modelPath, state: fileState(statSync(modelPath, { bigint: true })), use: 'model' as const },
      { path, state: fileState(statSync(path, { bigint: true })), use: 'external' as const },
    ];
    const engine = startEngine(context, { ownProcesses: 0, sharedProcesses: 1 });
    await engine.load(loadRequest('row-sum', { shareable: true }));
    const pid = Array.from(engine.processes(), (one) => one.pid)[0] as number;
    const changed = originals.map((original) => ({ ...original, state: 'another' }));
    const once = async (): Promise<void> => {
      const request = loadRequest('lookup', { shareable: true, files: () => ({ modelPath, originals }) });
      const [group] = await Promise.all([
        engine.load(request),
        assert.rejects(engine.load({ ...request, files: () => ({ modelPath, originals: changed }) })),
      ]);
      await group.close();
    };
    /** The answer to a load comes behind the unloading before it. */
    const inUse = async () => {
      await (await engine.load(loadRequest('row-sum', { shareable: true }))).close();
      return { files: readdirSync(`/proc/${pid}/fd`).length, bytes: residentBytes(pid) as number };
    };
    for (let load = 0; load < loads / 3; load++) await once();
    const before = await inUse();
    for (let load = 0; load < loads; load++) await once();
    const after = await inUse();
    assert.deepEqual(new Set(Array.from(engine.processes(), (one) => one.pid)), new Set([pid]), 'in the same process');
    assert.equal(after.files, before.files);
    assert.ok(after.bytes - before.bytes < bytesAllowed, `from ${before.bytes} to ${after.bytes} bytes`);
  },
);
