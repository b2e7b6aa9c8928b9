import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { elementTypes, RowGraph } from '../rows/row-graph.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';

const folder = new ModelFolder();

/** Counts to a number that takes some milliseconds, and gives its input back. */
const graph = new RowGraph(1);
const body = graph.body();
body.input('step', elementTypes.INT64, []);
body.input('go_on_in', elementTypes.BOOL, []);
const count = body.input('count_in', elementTypes.FP32, [1]);
body.node('Identity', ['go_on_in'], { outputs: ['go_on_out'] });
body.node('Add', [count, body.floats([1], [1])], { outputs: ['count_out'] });
body.output('go_on_out', elementTypes.BOOL, []);
body.output('count_out', elementTypes.FP32, [1]);
const x = graph.floatRows([1]);
const always = graph.constant(elementTypes.BOOL, Uint8Array.of(1), []);
const counted = graph.node('Loop', [graph.integers([10_000], []), always, graph.floats([0], [1])], {
  attributes: { body: { graph: body } },
});
graph.gives(graph.op('Add', [x, graph.op('Mul', [counted, graph.scalar(0)])]), 'FP32', ['batch', 1]);
folder.write(graph.finish('slow'), 'slow/1/model.onnx');
folder.write(JSON.stringify({ batching: 'off', instances: 1 }), 'slow/model.json');

const server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '0']);
after(async () => {
  await server.stop();
  folder.remove();
});
await server.ready();

const ask = async (value: number, priority: number): Promise<void> => {
  const headers = { 'x-request-priority': String(priority) };
  const answer = await server.post('/v1/models/slow/predict', { instances: [[value]] }, headers);
  assert.deepEqual([answer.status, answer.body], [200, { predictions: [[value]] }]);
};

/** So many, and a low priority has been passed over for far longer than its levels are worth. */
const mostRequests = 400;

test('eight callers of the highest priority do not keep a lower one waiting for ever', async () => {
  let isServed = false;
  let requests = 0;
  const busy = Array.from({ length: 8 }, async (_, caller) => {
    while (!isServed && requests++ < mostRequests) await ask(caller, 1);
  });
  const low = ask(9, 2).then(() => {
    isServed = true;
    return requests;
  });
  assert.ok((await low) < mostRequests, 'it was served only after the others had gone');
  await Promise.all(busy);
});
