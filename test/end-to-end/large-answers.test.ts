import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';

/** Gives as many thirds as its input says: a request of 22 bytes makes an answer of any size. */
function growingModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const size = graph.input('n', ElementType.INT64, [1]);
  const third = graph.floats([1 / 3]);
  graph.output(graph.node('Expand', [third, size], { outputs: ['y'] }), ElementType.FLOAT, ['n']);
  return graph.finish('grow');
}

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  folder.write(growingModel(), 'grow.onnx');
  server = await ServerProcess.start(['--models', folder.path, '--response-limit-bytes', '16MiB']);
  await server.ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

/** The most memory that the worker has ever had. */
const peakBytes = (): number =>
  1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]);

const predict = (count: number) => server.post('/v1/models/grow/predict', `{"inputs":[${count}]}`);

test('an answer that is too large does not leave the engine process', async () => {
  const before = peakBytes();
  const { status, body } = await predict(10_000_000);
  assert.equal(status, 429);
  assert.match(body.error, /its tensors are 40000000 bytes.*lets one answer be 16777216 bytes.*responseLimitBytes/);
  assert.ok(peakBytes() - before < 35_000_000, `the worker grew by ${peakBytes() - before} bytes`);
  const metrics = await server.metrics();
  assert.match(metrics, /slipway_requests_total\{model="grow",version="1",protocol="v1",code="RESOURCE_EXHAUSTED"\} 1/);
  assert.match(metrics, /slipway_held_response_bytes 0/);
  assert.doesNotMatch(metrics, /slipway_engine_restarts_total\{[^}]*\} [1-9]/);
});

test('one that is large enough as text only is refused, and the next one is answered', async () => {
  const { status, body } = await predict(3_000_000);
  assert.equal(status, 429);
  assert.match(body.error, /longer than 16777216 bytes as JSON/);
  const answer = await predict(3);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.outputs.length, 3);
});
