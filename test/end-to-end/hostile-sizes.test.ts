import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ElementType, type GraphShape, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';

/** A few bytes that declare any size. */
function declaring(shape: GraphShape, elementType = ElementType.FLOAT): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', elementType, shape);
  graph.node('Identity', [x], { outputs: ['y'] });
  graph.output('y', elementType, shape);
  return graph.finish('declaring');
}

const models: Readonly<Record<string, Uint8Array>> = {
  square: declaring(['b', 30_000, 30_000]),
  fixed: declaring([30_000, 30_000]),
  long: declaring([2_000_000_000, 1], ElementType.BOOL),
  beyond: declaring(['b', 2 ** 40, 2 ** 40]),
  texts: declaring(['b', 10_000_000], ElementType.STRING),
};

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  for (const [name, bytes] of Object.entries(models)) folder.write(bytes, `${name}/1/model.onnx`);
  server = await (await ServerProcess.start(['--models', folder.path])).ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

const mebibytesAtMost = 600;

test('files that declare huge inputs cost the worker nothing; they serve untried, one request at a time, and say so', async () => {
  for (const name of Object.keys(models)) {
    const { status, body } = await server.get(`/v1/models/${name}/metadata`);
    assert.equal(status, 200, name);
    const { batching } = body.model_info;
    assert.equal(batching.kind, 'none', name);
    assert.match(batching.reason, /made-up inputs would take|too many rows/, name);
  }
  assert.equal((await server.get('/')).status, 200);
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.child.pid}/status`, 'latin1'))?.[1];
  assert.ok(Number(peak) < mebibytesAtMost * 1024, `${peak} kB`);
});

test('a request whose shape is huge and whose data are not is a 400', async () => {
  const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 30_000, 30_000], data: [1] }];
  const { status, body } = await server.post('/v2/models/square/infer', { inputs });
  assert.equal(status, 400);
  assert.match(body.error, /"x"/);
});

test('inspect and doctor say the same', async () => {
  const file = join(folder.path, 'square/1/model.onnx');
  const inspected = await runSlipway(['inspect', file]);
  assert.equal(inspected.code, 0, inspected.stderr);
  assert.match(inspected.stdout, /made-up inputs would take 3,434 MiB/);
  assert.match((await runSlipway(['doctor', file])).stdout, /made-up inputs would take 3,434 MiB/);
});
