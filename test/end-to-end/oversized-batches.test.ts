import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';

const width = 65_536;

/** Of each number a row of 256 KiB. */
function wideModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 1]);
  const ones = graph.floats(new Array<number>(width).fill(1), [1, width]);
  graph.output(graph.node('Mul', [x, ones], { outputs: ['y'] }), ElementType.FLOAT, ['batch', width]);
  return graph.finish('wide');
}

/** Rows as long as the caller makes them: no made-up row tells how large an answer will be. */
function longModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 'length']);
  graph.output(graph.node('Mul', [x, graph.floats([2], [1])], { outputs: ['y'] }), ElementType.FLOAT, [
    'batch',
    'length',
  ]);
  return graph.finish('long');
}

const folder = new ModelFolder();
let server: ServerProcess;
const batchingOf = async (model: string) => {
  const { body } = await server.get(`/v1/models/${model}/metadata`);
  return body.model_info?.batching;
};
before(async () => {
  folder.write(wideModel(), 'wide.onnx');
  folder.write(longModel(), 'long.onnx');
  server = await ServerProcess.start(['--models', folder.path, '--response-limit-bytes', '1MiB']);
  await server.ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

const ask = (model: string, rows: readonly (readonly number[])[]) =>
  server.post(`/v1/models/${model}/predict`, { instances: rows });

test('a model is batched up to as many rows as one answer has room for', async () => {
  await server.until(async () => (await batchingOf('wide')).pending !== true, 'the proof of wide');
  const { kind, maxBatchSize: most } = await batchingOf('wide');
  assert.equal(kind, 'dynamic');
  assert.ok(most <= 4, `${most} rows of 256 KiB in 1 MiB`);
});

test('of callers whose answers are too large together, only one whose own is gets refused', async () => {
  await server.until(async () => (await batchingOf('long')).kind === 'dynamic', 'batching of long');
  const rowOf = (value: number): number[] => new Array<number>(width).fill(value);
  const small = Array.from({ length: 16 }, (_, index) => index % 10);
  const crowd = () => Promise.all(small.map((value) => ask('long', [rowOf(value)])));
  const giant = ask(
    'long',
    Array.from({ length: 6 }, (_, index) => rowOf(index)),
  );
  // Whether they meet in a run is chance.
  await server.until(async () => {
    for (const [index, { status, body }] of (await crowd()).entries()) {
      assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
      assert.equal(body.predictions[0].length, width);
      assert.equal(body.predictions[0].at(-1), 2 * (small[index] as number));
    }
    return /reason="retry"[^\n]*\} [1-9]/.test(await server.metrics());
  }, 'a run that is tried again row by row');
  assert.equal((await giant).status, 429);
  assert.match((await giant).body.error, /the answer is too large/);
});
