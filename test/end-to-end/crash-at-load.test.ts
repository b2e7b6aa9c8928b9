import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { ServerProcess } from '../support/server-process.js';

/** The engine divides the constants of the branch that is never taken when it optimizes the graph, which ends it. */
function endsWhenOptimized(): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['n', 2]);
  const never = graph.body();
  const quotient = never.node('Div', [
    never.constant(ElementType.INT32, Int32Array.of(-(2 ** 31))),
    never.constant(ElementType.INT32, Int32Array.of(-1)),
  ]);
  never.node('Cast', [quotient], { attributes: { to: ElementType.FLOAT }, outputs: ['never'] });
  never.output('never', ElementType.FLOAT, [1]);
  const always = graph.body();
  always.node('Identity', [always.floats([1])], { outputs: ['always'] });
  always.output('always', ElementType.FLOAT, [1]);
  const sum = graph.node('ReduceSum', [x], { attributes: { keepdims: 0 } });
  const isHuge = graph.node('Greater', [sum, graph.floats([1e30], [])]);
  const one = graph.node('If', [isHuge], {
    attributes: { then_branch: { graph: never }, else_branch: { graph: always } },
  });
  graph.node('Mul', [x, one], { outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['n', 2]);
  return graph.finish('ends-when-optimized');
}

const small = Array.from({ length: 22 }, (_, index) => `m-${String(index).padStart(2, '0')}`);
const folder = new ModelFolder();
let server: ServerProcess;

before(async () => {
  // Beyond the first sixteen, models share processes.
  for (const name of small) folder.put(chaosModel('times-1'), `${name}/1/model.onnx`);
  folder.put(chaosModel('crash-at-load'), 'm-17-crashes/1/model.onnx');
  folder.put(chaosModel('crash-at-load'), 'm-20-crashes/1/model.onnx');
  folder.write(endsWhenOptimized(), 'm-18-rescued/1/model.onnx');
  server = await ServerProcess.start(['--models', folder.path]);
  await server.ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

const ask = (name: string) => server.post(`/v1/models/${name}/predict`, { instances: [[1, 2]] });

test('models that are loaded beside one that ends the engine all serve', async () => {
  for (const name of small) {
    const { status, body } = await ask(name);
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
    assert.deepEqual(body, { predictions: [[1, 2]] });
  }
});

test('a model that ends the engine only when its graph is optimized serves without, and says so', async () => {
  assert.deepEqual((await ask('m-18-rescued')).body, { predictions: [[1, 2]] });
  const { properties } = (await server.get('/v2/models/m-18-rescued')).body;
  assert.match(properties.rewrites.join(), /its graph is not optimized, .*SIGFPE/);
  const { model_info: info } = (await server.get('/v1/models/m-18-rescued/metadata')).body;
  assert.match(JSON.stringify(info), /its graph is not optimized/);
});

test('a model that ends the engine either way is given up, with the reason', async () => {
  for (const name of ['m-17-crashes', 'm-20-crashes']) {
    const { status, body } = await ask(name);
    assert.equal(status, 503);
    assert.match(body.error, /the engine process ended while it loaded the model: SIGFPE.*without graph optimization/);
  }
});
