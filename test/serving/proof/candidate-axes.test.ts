import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TensorSpec } from '../../../src/core/tensor-spec.js';
import {
  batchSymbol,
  candidateAxes,
  declaredOutputAxes,
  isAlongFirstAxis,
} from '../../../src/serving/proof/candidate-axes.js';
import { signature, spec } from '../signatures.js';

const candidates = (...inputs: readonly TensorSpec[]): object[] =>
  candidateAxes({ inputs }).map((axes) => Object.fromEntries(axes));

test('a name that says "batch" comes first, wherever it stands', () => {
  assert.deepEqual(candidates(spec('x', ['time', 'batch_size', 3])), [{ x: 1 }]);
});

test('a single letter says so at the first place only', () => {
  assert.deepEqual(candidates(spec('x', ['m', 'n']))[0], { x: 0 });
  assert.deepEqual(candidates(spec('x', ['N', 3]), spec('h', [4, 'N', 2]))[0], { x: 0, h: 1 });
});

test('unnamed axes are tried first to last, as far as the second', () => {
  assert.deepEqual(candidates(spec('x', [null, null, 3])), [{ x: 0 }, { x: 1 }]);
  assert.deepEqual(candidates(spec('x', null)), [{ x: 0 }]);
});

test('names of their own for each input are as good as one', () => {
  assert.deepEqual(candidates(spec('ids', ['unk__1', 'unk__2']), spec('mask', ['unk__3', 'unk__4']))[0], {
    ids: 0,
    mask: 0,
  });
});

test('an input that begins with an inner axis of another has no rows', () => {
  assert.deepEqual(candidates(spec('x', ['b', 'length', 8]), spec('positions', ['length', 8]))[0], { x: 0 });
  assert.deepEqual(candidates(spec('x', [null, 'length', 8]), spec('positions', ['length', 8]))[0], { x: 0 });
});

test('an input with a default has none either', () => {
  assert.deepEqual(candidates(spec('x', ['n', 8]), spec('threshold', ['n'], 'FP32', { optional: true })), [{ x: 0 }]);
});

test('nothing is free', () => {
  assert.deepEqual(candidates(spec('x', [1, 8]), spec('k', [])), []);
});

test('the name that most inputs have says so, each input counted once', () => {
  const inputs = [spec('a', ['b_batch', 'b_batch', 'batch']), spec('b', ['batch', 2]), spec('c', ['N', 'batch'])];
  assert.equal(batchSymbol(inputs), 'batch');
  assert.equal(batchSymbol([spec('x', ['Batch', 2])]), 'Batch');
  assert.equal(batchSymbol([spec('x', ['nb', 'bs', null]), spec('k', null)]), undefined);
  for (const name of ['n', 'b', 'bs', 'bsz', 'BSZ']) assert.equal(batchSymbol([spec('x', [name])]), name);
});

test('beside inputs whose batch is named, one that begins with a free axis has its rows there, a fixed one has none', () => {
  assert.deepEqual(
    candidates(spec('x', ['batch', 3]), spec('h', [null, 'batch']), spec('free', [null, 2]), spec('table', [7, 4])),
    [{ x: 0, h: 1, free: 0 }],
  );
  assert.deepEqual(candidates(spec('x', ['batch', 'length']), spec('any', null), spec('scalar', [])), [
    { x: 0, any: 0 },
  ]);
});

test('where all free first axes are inner ones of others, rows lie there all the same', () => {
  assert.deepEqual(candidates(spec('x', ['length', 'length'])), [{ x: 0 }]);
});

test('rows are looked for at the second place of sequences only', () => {
  assert.deepEqual(candidates(spec('x', [5, null])), []);
  assert.deepEqual(candidates(spec('x', [5, null, 2]), spec('y', [5, 6, 2]), spec('z', [5])), [{ x: 1 }]);
});

test('an output has its rows where it names the batch, else at the first place', () => {
  const declared = (inputs: TensorSpec[], outputs: TensorSpec[]) =>
    Object.fromEntries(declaredOutputAxes(signature(inputs, outputs)));
  assert.deepEqual(
    declared(
      [spec('x', ['batch', 3]), spec('k', ['bsz'], 'FP32', { optional: true })],
      [spec('y', [2, 'batch']), spec('z', [4]), spec('any', null)],
    ),
    { y: 1, z: 0, any: 0 },
  );
  assert.deepEqual(declared([spec('x', [null, 3])], [spec('y', [2, 'batch'])]), { y: 0 });
});

test('rows lie along the first axis throughout where each required input and each output has them there', () => {
  const model = signature(
    [spec('x', ['n', 3]), spec('k', [], 'FP32', { optional: true })],
    [spec('y', ['n']), spec('z', ['n'])],
  );
  const along = (inputs: Record<string, number>, outputs: Record<string, number>) =>
    isAlongFirstAxis({ inputs: new Map(Object.entries(inputs)), outputs: new Map(Object.entries(outputs)) }, model);
  assert.equal(along({ x: 0 }, { y: 0, z: 0 }), true);
  assert.equal(along({ x: 1 }, { y: 0, z: 0 }), false);
  assert.equal(along({}, { y: 0, z: 0 }), false);
  assert.equal(along({ x: 0 }, { y: 0, z: 1 }), false);
  assert.equal(along({ x: 0 }, { y: 0 }), false);
});
