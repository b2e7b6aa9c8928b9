import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';
import { runSlipway } from '../support/slipway-command.js';

/** An image model: its request is long. */
function imageModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const image = graph.input('image', ElementType.FLOAT, ['batch', 3, 64, 64]);
  graph.output(graph.node('Relu', [image], { outputs: ['y'] }), ElementType.FLOAT, ['batch', 3, 64, 64]);
  return graph.finish('image');
}

describe('slipway sample', () => {
  const folder = new ModelFolder();
  let server: ServerProcess;
  before(async () => {
    folder.write(imageModel(), 'picture/2/model.onnx');
    server = await (await ServerProcess.start(['--models', folder.path])).ready();
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });

  test('prints a body that the server takes, however long', async () => {
    const { code, stdout, stderr, leftFiles, leftPids } = await runSlipway([
      'sample',
      'picture',
      '--models',
      folder.path,
    ]);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.length > 50_000);
    const { status, body } = await server.post('/v1/models/picture/predict', stdout);
    assert.equal(status, 200);
    assert.equal(body.predictions[0].length, 3);
    assert.deepEqual([leftFiles, leftPids], [[], []]);
  });

  test('the start and the welcome name it instead of a long call', async () => {
    const line = `slipway sample picture | curl -s ${server.origin}/v1/models/picture/predict -d @-`;
    assert.equal((await server.get('/')).body.try, line);
    await server.until(async () => server.log.some(({ msg }) => msg.startsWith('try: ')), 'announced');
    const said = server.log.find(({ msg }) => msg.startsWith('try: '))?.msg ?? '';
    assert.ok(said.includes('slipway sample picture | curl'), said);
  });

  test('inspect names it with the file', async () => {
    const file = join(folder.path, 'picture/2/model.onnx');
    const { stdout } = await runSlipway(['inspect', file]);
    assert.ok(stdout.length < 5000);
    assert.ok(
      stdout.includes(`slipway sample ${file} | curl -s localhost:8080/v1/models/picture/predict -d @-`),
      stdout,
    );
  });
});

test('a file will do, a name that is none is told what there is, and wrong arguments the usage', async () => {
  const file = join(shippedModels, 'iris/2/model.onnx');
  const { code, stdout } = await runSlipway(['sample', file]);
  assert.deepEqual([code, Object.keys(JSON.parse(stdout))], [0, ['instances']]);
  const unknown = await runSlipway(['sample', 'irs', '--models', shippedModels]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no such model in .*; its models are diabetes, digits, greeting-language, iris/);
  assert.equal((await runSlipway(['sample'])).code, 2);
});
