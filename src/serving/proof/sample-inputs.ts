import { allocate, elementCount, type NamedTensor, type NumericData, type TensorData } from '../../core/tensor.js';
import { laidAlong } from '../../core/tensor-axis.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { requireSampleBudget, type SampleRecipe, type SampleRows, sampleShapes } from './sample-shapes.js';
import { numerals, plainKind, sampleValue, type ValueKind, words } from './sample-values.js';

const zerosAndOnes: ValueKind = { ...plainKind, integers: [0, 1] };

/** Small and harmless first: 1 as divisor, 0 as index, images last. */
const recipes: readonly SampleRecipe[] = [
  { freeSize: 1, unknownRank: 2, kind: plainKind },
  { freeSize: 1, unknownRank: 2, kind: { ...plainKind, texts: numerals } },
  { freeSize: 4, unknownRank: 2, kind: zerosAndOnes },
  { freeSize: 8, unknownRank: 1, kind: plainKind },
  { freeSize: 32, unknownRank: 3, kind: zerosAndOnes },
  { freeSize: 64, unknownRank: 4, kind: zerosAndOnes },
  { freeSize: 224, unknownRank: 4, kind: zerosAndOnes },
];

/** To be tried in order until the model takes one. */
export function sampleRecipes({ inputs }: ModelSignature): readonly SampleRecipe[] {
  const takesText = inputs.some(({ dataType }) => dataType === 'BYTES');
  return takesText ? recipes : recipes.filter(({ kind }) => kind.texts === words);
}

/**
 * Only so many rows and columns differ; the others are these again, copied, since the large samples are made while
 * others are served. An even number of rows, and one of columns that no size is a multiple of.
 */
const distinctRows = 8;
const distinctColumns = 1021;

/**
 * Made-up values for every input that has no default, the same for the same arguments. `rows` is the length of the
 * axis along which rows lie; with `firstRow`, rows are numbered from there, so that row i of one sample equals row 0 of
 * another; `repeated` makes every row the first one. Throws SampleTooLarge, before anything is made, where they would
 * take too much memory.
 */
export function sampleInputs(
  signature: ModelSignature,
  recipe: SampleRecipe,
  { rows, firstRow = 0, repeated = false, axes }: SampleRows,
): NamedTensor[] {
  const shapes = sampleShapes(signature, recipe, { rows, axes });
  requireSampleBudget(shapes);
  return shapes.map(({ spec, dataType, shape }, index) => {
    const axis = axes?.get(spec.name);
    const count = elementCount(shape);
    const make = (row: number, length: number) => sampleRow({ spec, index, recipe }, row, length);
    if (axis === undefined) return { name: spec.name, dataType, shape, data: make(firstRow % distinctRows, count) };
    const distinct = Math.min(repeated ? 1 : distinctRows, rows);
    const made = Array.from({ length: distinct }, (_, row) => make((firstRow + row) % distinctRows, count / rows));
    const data = layRows({ dataType, shape, axis }, (row) => made[row % distinct] as TensorData);
    return { name: spec.name, dataType, shape, data };
  });
}

interface RowSource {
  readonly spec: TensorSpec;
  /** Of the input among all. */
  readonly index: number;
  readonly recipe: SampleRecipe;
}

/** The elements that an input has in one row. */
export function sampleRow({ spec, index, recipe }: RowSource, row: number, length: number): TensorData {
  const data = allocate(spec.dataType, length);
  const limit = recipe.limits?.get(spec.name);
  const drawn = Math.min(length, distinctColumns);
  for (let column = 0; column < drawn; column++) {
    const draw = drawOf(spec, row, column, index);
    (data as unknown[])[column] = sampleValue(spec, recipe.kind, { draw, column, limit });
  }
  if (drawn > 0) repeat(data, drawn);
  return data;
}

/** Copies the first `period` elements again and again, to the end. */
function repeat(data: TensorData, period: number): void {
  for (let done = period; done < data.length; done *= 2) {
    (data as NumericData | string[]).copyWithin(done, 0, Math.min(done, data.length - done));
  }
}

/** One tensor of the elements of each row. */
export function layRows(
  { dataType, shape, axis }: Pick<NamedTensor, 'dataType' | 'shape'> & { readonly axis: number },
  rowAt: (row: number) => TensorData,
): TensorData {
  const rows = shape[axis] as number;
  if (rows <= 1) return rows === 1 ? rowAt(0) : allocate(dataType, 0);
  const rowShape = shape.with(axis, 1);
  const tensors = Array.from({ length: rows }, (_, row) => ({ dataType, shape: rowShape, data: rowAt(row) }));
  return laidAlong(
    axis,
    tensors.map((tensor) => ({ tensor, firstRow: 0, rows: 1 })),
  );
}

/**
 * Neighbouring rows always differ in their first element, however few values there are to draw from, and in all of
 * their texts: one row's are short, the next one's long.
 */
function drawOf({ dataType }: TensorSpec, row: number, column: number, input: number): number {
  return column === 0 || dataType === 'BYTES' ? alternating(row, column, input) : noise(row, column, input);
}

const alternating = (row: number, column: number, input: number): number => ((row % 2) + noise(row, column, input)) / 2;

/** A repeatable draw from [0, 1): an integer hash of the position. */
function noise(row: number, column: number, input: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
