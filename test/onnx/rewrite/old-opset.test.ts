import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, plain, Workbench } from '../prepared.js';

const workbench = new Workbench();

/** The bias is added along axis 1, the slope bends channel by channel, the matrix picks the first and last number. */
const input = floats([-3, 2, -20, 5], [1, 2, 2]);
const expected = [Math.max(0, (-3 + 1) * 0.5 + 0.25), 5 + 10 + 0.5];

test('a graph of an operator set before 7 is served with the meaning it had', async () => {
  const model = await workbench.prepare('old_opset_4');
  assert.deepEqual(model.rewrites, [
    'the graph was written for operator set 4; its operators are rewritten as those of operator set 7',
  ]);
  const { y } = await workbench.run(model, { x: input });
  assert.deepEqual(plain(y), { shape: [1, 2], data: expected });
});

test('so is one that tells neither operator set nor IR version nor the types of its attributes', async () => {
  const model = await workbench.prepare('no_opset');
  assert.equal(model.rewrites.length, 2);
  const { y } = await workbench.run(model, { x: input });
  assert.deepEqual(plain(y).data, expected);
});

test('an IR version newer than the engine is no reason to reject a file', async () => {
  const model = await workbench.prepare('newer_ir_version');
  assert.match(model.rewrites[0] ?? '', /^the file is of IR version 99, newer than the engine; it is read as one of/);
  const { y } = await workbench.run(model, { x: floats([-1, 1]) });
  assert.deepEqual(plain(y).data, [0, 1]);
});
