import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';

function echoModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const text = graph.input('x', ElementType.STRING, [1, 'n']);
  graph.output(graph.node('Identity', [text], { outputs: ['y'] }), ElementType.STRING, [1, 'n']);
  return graph.finish('echo');
}

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  folder.write(echoModel(), 'echo.onnx');
  server = await ServerProcess.start(['--models', folder.path]);
  await server.ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

const words = ['', 'plain', 'naïve', '日本', '🙂', '"quoted"\n'];
const texts = Array.from({ length: 40_000 }, (_, at) => `${words[at % words.length]}${at % 7 === 0 ? at : ''}`);
const body = (data: readonly string[]): string =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'BYTES', shape: [1, data.length], data }] });
const infer = '/v2/models/echo/infer';

test('every one of many strings comes back, and others are answered meanwhile', async () => {
  let isAnswered = false;
  const large = server.post(infer, body(texts)).finally(() => {
    isAnswered = true;
  });
  let answeredMeanwhile = 0;
  while (!isAnswered) {
    const small = await server.post(infer, body(['small', 'ü']));
    assert.deepEqual(small.body.outputs[0].data, ['small', 'ü']);
    if (!isAnswered) answeredMeanwhile++;
  }
  const { status, body: answer } = await large;
  assert.equal(status, 200);
  assert.deepEqual(answer.outputs[0].shape, [1, texts.length]);
  assert.deepEqual(answer.outputs[0].data, texts);
  assert.ok(answeredMeanwhile > 0);
});

test('many strings come and go as bytes, too', async () => {
  const parts = texts.map((text) => {
    const bytes = Buffer.alloc(4 + Buffer.byteLength(text));
    bytes.writeUInt32LE(bytes.write(text, 4));
    return bytes;
  });
  const tail = Buffer.concat(parts);
  const parameters = { binary_data_size: tail.length };
  const inputs = [{ name: 'x', datatype: 'BYTES', shape: [1, texts.length], parameters }];
  const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
  const answer = await new Promise<{ headers: NodeJS.Dict<string | string[]>; bytes: Buffer }>((resolve, reject) => {
    const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': head.length };
    const asked = request(server.origin + infer, { method: 'POST', headers }, async (response) => {
      resolve({ headers: response.headers, bytes: Buffer.concat(await response.toArray()) });
    });
    asked.on('error', reject).end(Buffer.concat([head, tail]));
  });
  const headLength = Number(answer.headers['inference-header-content-length']);
  assert.ok(answer.bytes.subarray(headLength).equals(tail));
});
