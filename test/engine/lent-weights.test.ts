import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { fileState } from '../../src/core/engine-files.js';
import {
  TensorProto_DataType as ElementType,
  ModelProtoSchema,
  TensorProto_DataLocation,
} from '../../src/onnx/schema/onnx_pb.js';
import { batchOf, loadRequest, run, startEngine } from './engine-fixture.js';

/** More elements than the engine keeps inside the model. */
const count = 100_000;

/** `y = w[x]`, the weights in another file. The engine maps that, and looks things up in the mapping at every run. */
const lookup = toBinary(
  ModelProtoSchema,
  create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'lookup',
      node: [{ opType: 'Gather', input: ['w', 'x'], output: ['y'] }],
      initializer: [
        {
          name: 'w',
          dataType: ElementType.FLOAT,
          dims: [BigInt(count)],
          dataLocation: TensorProto_DataLocation.EXTERNAL,
          externalData: [
            { key: 'location', value: 'weights' },
            { key: 'offset', value: '0' },
            { key: 'length', value: String(4 * count) },
          ],
        },
      ],
      input: [{ name: 'x', type: { value: { case: 'tensorType', value: { elemType: ElementType.INT64 } } } }],
      output: [{ name: 'y', type: { value: { case: 'tensorType', value: { elemType: ElementType.FLOAT } } } }],
    },
  }),
);

const onlyHere = { skip: process.platform === 'linux' ? false : 'nothing tells what a process has mapped' };

for (const binding of ['auto', 'public'] as const) {
  test(
    `weights that the engine would go on reading from a lent file are copied (${binding} binding)`,
    onlyHere,
    async (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'slipway-engine-test-'));
      context.after(() => rmSync(directory, { recursive: true }));
      const [modelPath, path] = [join(directory, 'rewritten.onnx'), join(directory, 'weights')];
      writeFileSync(modelPath, lookup);
      writeFileSync(path, new Float32Array(count).fill(7));
      const original = { path, state: fileState(statSync(path, { bigint: true })), lendsWeights: true };
      const files = { modelPath, externalDataDirectory: directory, original };
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
