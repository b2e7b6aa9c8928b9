import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { mlp } from '../../bench/recipes/mlp.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';
import { casesDirectory } from './recorded-cases.js';

const directory = casesDirectory();
const skip = directory === undefined ? 'the cases are not here' : false;
const file = (name: string): Buffer => readFileSync(join(directory as string, 'files', name));
const others = Array.from({ length: 20 }, (_, at) => `small-${at}`);

describe('files that the engine does not take as they are', { skip }, () => {
  const folder = new ModelFolder();
  let server: ServerProcess;

  before(async () => {
    for (const name of others) folder.write(mlp(), `${name}.onnx`);
    folder.write(file('ends-the-engine-at-load.onnx'), 'crasher.onnx');
    folder.write(file('operator-set-28-relu.onnx'), 'relu.onnx');
    server = await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '0']);
    await server.until(async () => {
      const { body } = await server.post('/v2/repository/index', {});
      return body.length === 22 && body.every(({ state }: { state: string }) => state !== 'LOADING');
    }, 'settled');
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });

  test('a model that ends the engine while it loads takes none of 20 small ones with it', async () => {
    const answers = await Promise.all(
      others.map((name) => server.post(`/v1/models/${name}/predict`, { instances: [[1, 2, 3, 4]] })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      others.map(() => 200),
    );
    const [first] = answers;
    for (const { body } of answers) assert.deepEqual(body, first?.body);
  });

  test('it serves without graph optimisation, or says why not', async () => {
    const answer = await server.get('/v1/models/crasher');
    const [version] = answer.body.model_version_status;
    if (version.state !== 'AVAILABLE') assert.match(version.status.error_message, /\w+ \w+ \w+/);
    assert.equal((await server.get('/v2/health/live')).status, 200);
  });

  test('a model of operator set 28 serves where its operators did not change', async () => {
    const metadata = await server.get('/v2/models/relu');
    assert.equal(metadata.status, 200, JSON.stringify(metadata.body));
    const [input] = metadata.body.inputs;
    const shape = input.shape.map((size: number) => (size < 0 ? 1 : size));
    const count = shape.reduce((product: number, size: number) => product * size, 1);
    const data = Array.from({ length: count }, (_, at) => (at % 2 === 0 ? -1.5 : 2.5));
    const inputs = [{ name: input.name, shape, datatype: input.datatype, data }];
    const answer = await server.post('/v2/models/relu/infer', { inputs });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(
      answer.body.outputs[0].data,
      data.map((value) => Math.max(0, value)),
    );
  });
});
