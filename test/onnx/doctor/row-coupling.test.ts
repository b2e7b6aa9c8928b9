import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Attribute, ElementType, GraphWriter } from '../../../bench/recipes/graph-writer.js';
import { inspectModel } from '../../../src/onnx/inspect-model.js';

const folder = mkdtempSync(join(tmpdir(), 'slipway-couplings-'));
after(() => rmSync(folder, { recursive: true }));

/** The operators that are named of a graph of one node. */
async function named(operator: string, attributes: Readonly<Record<string, Attribute>> = {}, axis?: number) {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 4]);
  graph.node(operator, axis === undefined ? [x] : [x, graph.integers([axis], [])], { attributes, outputs: ['y'] });
  graph.output('y', ElementType.FLOAT, ['batch', 4]);
  const path = join(folder, `${operator}.onnx`);
  writeFileSync(path, graph.finish('g'));
  return (await inspectModel(path)).modes.couplings.map((coupling) => coupling.operator);
}

test('operators that look at all rows are named whatever their attributes', async () => {
  for (const operator of ['DynamicQuantizeLinear', 'NonMaxSuppression', 'NonZero', 'Unique', 'Compress']) {
    assert.deepEqual(await named(operator), [operator]);
  }
});

test('others are named where they work along axis 0', async () => {
  assert.deepEqual(await named('TopK'), []);
  assert.deepEqual(await named('TopK', { axis: 0 }), ['TopK']);
  assert.deepEqual(await named('Softmax', { axis: 1 }), []);
  assert.deepEqual(await named('Softmax', { axis: 0 }), ['Softmax']);
  assert.deepEqual(await named('ArgMax'), ['ArgMax']);
  assert.deepEqual(await named('CumSum', {}, 0), ['CumSum']);
  assert.deepEqual(await named('CumSum', {}, 1), []);
  assert.deepEqual(await named('Relu'), []);
});
