import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ModelSignature } from '../../src/core/tensor-spec.js';
import { type SampleRecipe, type SampleRows, sampleInputs, sampleRecipes } from '../../src/serving/sample-inputs.js';

const signature: ModelSignature = {
  inputs: [
    { name: 'image', dataType: 'FP32', shape: [null, 3, 40, 41] },
    { name: 'ids', dataType: 'INT64', shape: [null, 5] },
    { name: 'text', dataType: 'BYTES', shape: [null, 1] },
  ],
  outputs: [],
};

const recipe = sampleRecipes(signature)[0] as SampleRecipe;
const sample = (options: Partial<SampleRows>): NamedTensor[] =>
  sampleInputs(signature, recipe, { rows: 1, batched: true, ...options });

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
  assert.deepEqual(sampleInputs(empty, recipe, { rows: 3, batched: true })[0]?.shape, [3, 0]);
  assert.equal(sampleInputs(empty, recipe, { rows: 3, batched: true })[0]?.data.length, 0);
  assert.equal(sample({ rows: 0 })[0]?.data.length, 0);
});
