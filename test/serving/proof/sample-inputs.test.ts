import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedTensor } from '../../../src/core/tensor.js';
import type { ModelSignature } from '../../../src/core/tensor-spec.js';
import { sampleInputs, sampleRecipes } from '../../../src/serving/proof/sample-inputs.js';
import {
  largestSampleBytes,
  type SampleRecipe,
  type SampleRows,
  SampleTooLarge,
} from '../../../src/serving/proof/sample-shapes.js';

const signature: ModelSignature = {
  inputs: [
    { name: 'image', dataType: 'FP32', shape: [null, 3, 40, 41] },
    { name: 'ids', dataType: 'INT64', shape: [null, 5] },
    { name: 'text', dataType: 'BYTES', shape: [null, 1] },
  ],
  outputs: [],
};

const recipe = sampleRecipes(signature)[0] as SampleRecipe;
const firstAxes = new Map(['image', 'ids', 'text', 'x', 'mask', 'key', 'a', 'b', 'c'].map((name) => [name, 0]));
const sample = (options: Partial<SampleRows>): NamedTensor[] =>
  sampleInputs(signature, recipe, { rows: 1, axes: firstAxes, ...options });

/** The elements of each row, of one input after another. */
const rowsOf = ({ data, shape: [rows = 0] }: NamedTensor): unknown[][] =>
  Array.from({ length: rows }, (_, row) =>
    [...data].slice((row * data.length) / rows, ((row + 1) * data.length) / rows),
  );

test('every row of a large sample is one that can be had alone, by its number', () => {
  const many = sample({ rows: 21, firstRow: 3 });
  for (const row of [0, 1, 7, 8, 20]) {
    const alone = sample({ firstRow: 3 + row });
    for (const [index, tensor] of many.entries()) {
      assert.deepEqual(rowsOf(tensor)[row], [...(alone[index] as NamedTensor).data], `row ${row} of ${tensor.name}`);
    }
  }
});

test('neighbours differ, in whatever input; repeated rows are all the first one', () => {
  for (const tensor of sample({ rows: 12 })) {
    const rows = rowsOf(tensor);
    rows.slice(1).forEach((row, index) => {
      assert.notDeepEqual(row, rows[index]);
    });
  }
  for (const tensor of sample({ rows: 12, firstRow: 2, repeated: true })) {
    const [first, ...others] = rowsOf(tensor);
    for (const row of others) assert.deepEqual(row, first);
  }
});

test('a row is filled to its end with values of the type', () => {
  const [image, ids, text] = sample({ rows: 9 });
  assert.equal(image?.data.length, 9 * 3 * 40 * 41);
  assert.ok([...(image?.data ?? [])].every((value) => Math.abs(Number(value)) <= 1 && value !== 0));
  assert.ok([...(ids?.data ?? [])].every((value) => value === 1n || value === 2n));
  assert.ok([...(text?.data ?? [])].every((value) => value !== ''));
});

test('no rows and empty rows have no elements', () => {
  const empty: ModelSignature = { inputs: [{ name: 'x', dataType: 'FP32', shape: [null, 0] }], outputs: [] };
  assert.deepEqual(sampleInputs(empty, recipe, { rows: 3, axes: firstAxes })[0]?.shape, [3, 0]);
  assert.equal(sampleInputs(empty, recipe, { rows: 3, axes: firstAxes })[0]?.data.length, 0);
  assert.equal(sample({ rows: 0 })[0]?.data.length, 0);
});

test('the sizes of a sample agree by name, and an expression has the size that follows', () => {
  const decoder: ModelSignature = {
    inputs: [
      { name: 'ids', dataType: 'INT64', shape: ['batch', 'sequence'] },
      { name: 'mask', dataType: 'INT64', shape: ['batch', 'past + sequence'] },
      { name: 'key', dataType: 'FP32', shape: ['batch', 2, 'past', 4] },
    ],
    outputs: [],
  };
  const shapes = sampleRecipes(decoder).map((one) =>
    sampleInputs(decoder, one, { rows: 3, axes: firstAxes }).map(({ shape }) => shape),
  );
  for (const [ids, mask, key] of shapes) {
    assert.deepEqual(ids?.slice(0, 1), [3]);
    assert.equal(mask?.[1], (key?.[2] ?? 0) + (ids?.[1] ?? 0));
  }
});

test('a sample beyond its budget is not made, whatever the model declares', () => {
  const huge = (shape: readonly (number | null)[], dataType: 'FP32' | 'BYTES' = 'FP32'): ModelSignature => ({
    inputs: [{ name: 'x', dataType, shape }],
    outputs: [],
  });
  const make =
    (model: ModelSignature, rows = 1) =>
    () =>
      sampleInputs(model, recipe, { rows, axes: firstAxes });
  assert.throws(make(huge([null, 30_000, 30_000])), SampleTooLarge);
  assert.throws(make(huge([null, 2 ** 52, 2 ** 52])), SampleTooLarge);
  assert.throws(make(huge([null, largestSampleBytes / 16], 'BYTES')), /256 MiB; no more than 64 are made/);
  const rowOfHalf = huge([null, largestSampleBytes / 8]);
  assert.equal(make(rowOfHalf)()[0]?.data.length, largestSampleBytes / 8);
  assert.throws(make(rowOfHalf, 3), SampleTooLarge);
  const pair = { inputs: ['a', 'b', 'c'].map((name) => ({ ...rowOfHalf.inputs[0], name })), outputs: [] };
  assert.throws(make(pair as ModelSignature), SampleTooLarge, 'the inputs together have one budget');
});
