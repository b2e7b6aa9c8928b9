import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElementType, GraphWriter } from '../../../bench/recipes/graph-writer.js';
import { floats, Workbench } from '../prepared.js';

const workbench = new Workbench();

/** `y` is what a chain of operators makes of FP32[b, 2]. */
function chain(operators: readonly string[], opset: number): Uint8Array {
  const graph = new GraphWriter(1);
  let value = graph.input('x', ElementType.FLOAT, ['b', 2]);
  for (const [index, operator] of operators.entries()) {
    const inputs = operator === 'SwiGLU' ? [value, value] : [value];
    value = graph.node(operator, inputs, { outputs: [index === operators.length - 1 ? 'y' : `v${index}`] });
  }
  graph.output('y', ElementType.FLOAT, ['b', 2]);
  return graph.finish('g', opset);
}

for (const opset of [27, 28, 29]) {
  test(`a graph of operator set ${opset} answers as one of an older set, where its operators are the same`, async () => {
    const model = await workbench.prepareFile(`steady-${opset}`, chain(['Neg', 'Relu', 'Celu', 'Identity'], opset));
    const { y } = await workbench.run(model, { x: floats([-3, 5], [1, 2]) });
    assert.deepEqual(y?.data, Float32Array.from([3, 0]));
    assert.equal(model.rewrites.length, opset === 27 ? 0 : 1);
  });
}

test('operators that are too new are named', async () => {
  const isNamed = (operator: string) => ({
    code: 'INVALID_ARGUMENT',
    message: new RegExp(`"${operator}" of operator set`),
  });
  await assert.rejects(workbench.prepareFile('new-28', chain(['Relu', 'SwiGLU'], 28)), isNamed('SwiGLU'));
  await assert.rejects(workbench.prepareFile('new-29', chain(['Relu', 'Swish'], 29)), isNamed('Swish'));
});

test('an operator set that nothing is known of is left to the engine, which rejects it', async () => {
  const model = await workbench.prepareFile('unknown', chain(['Relu'], 30));
  assert.deepEqual(model.rewrites, []);
  await assert.rejects(workbench.run(model, { x: floats([1, 2], [1, 2]) }), /Relu/);
});
