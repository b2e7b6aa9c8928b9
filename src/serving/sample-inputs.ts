import type { IntegerType } from '../core/data-type.js';
import { isIntegerType } from '../core/data-type.js';
import { allocate, elementCount, type NamedTensor, type NumericData, type TensorData } from '../core/tensor.js';
import type { Dimension, ModelSignature, TensorSpec } from '../core/tensor-spec.js';

/** A way of making inputs up; models differ in what they take without complaint. */
export interface SampleRecipe {
  /** Size of every free dimension but the batch axis. */
  readonly freeSize: number;
  /** Integers are drawn from these two values; floats lie between −1 and 1. */
  readonly integers: readonly [number, number];
  /** Dimensions of inputs whose rank is unknown, the batch axis included. */
  readonly unknownRank: number;
  /** Strings are drawn from the first half or the second one, by turns from row to row. */
  readonly texts: readonly string[];
}

/** One token each, and then many, whatever separates them: rows that are split and padded to a common length show it. */
const words = [
  'hello',
  'bonjour',
  'one',
  'good morning, dear friend; a.b/c-d_e:f|g',
  '2 of 3, 4; 5.6/7-8_9:0|1',
  'x y,z;u.v/w-s_t:r|q',
] as const;
const numerals = ['1', '2', '3', '4'] as const;

/** Small and harmless first: 1 as divisor, 0 as index, images last. */
const recipes: readonly SampleRecipe[] = [
  { freeSize: 1, integers: [1, 2], unknownRank: 2, texts: words },
  { freeSize: 1, integers: [1, 2], unknownRank: 2, texts: numerals },
  { freeSize: 4, integers: [0, 1], unknownRank: 2, texts: words },
  { freeSize: 8, integers: [1, 2], unknownRank: 1, texts: words },
  { freeSize: 32, integers: [0, 1], unknownRank: 3, texts: words },
  { freeSize: 64, integers: [0, 1], unknownRank: 4, texts: words },
  { freeSize: 224, integers: [0, 1], unknownRank: 4, texts: words },
];

/** To be tried in order until the model takes one. */
export function sampleRecipes({ inputs }: ModelSignature): readonly SampleRecipe[] {
  const takesText = inputs.some(({ dataType }) => dataType === 'BYTES');
  return takesText ? recipes : recipes.filter(({ texts }) => texts === words);
}

export interface SampleRows {
  readonly rows: number;
  readonly firstRow?: number;
  readonly repeated?: boolean;
  readonly batched: boolean;
}

/**
 * Only so many rows and columns differ; the others are these again, copied, since the large samples are made while
 * others are served. An even number of rows, and one of columns that no size is a multiple of.
 */
const distinctRows = 8;
const distinctColumns = 1021;

/**
 * Made-up values for every input that has no default, the same for the same arguments. `rows` is the length of a
 * free batch axis; with `firstRow`, rows are numbered from there, so that row i of one sample equals row 0 of
 * another; `repeated` makes every row the first one.
 */
export function sampleInputs(
  signature: ModelSignature,
  recipe: SampleRecipe,
  { rows, firstRow = 0, repeated = false, batched }: SampleRows,
): NamedTensor[] {
  return signature.inputs
    .filter((spec) => spec.optional !== true)
    .map((spec, index) => {
      const shape = sampleShape(spec.shape, recipe, batched ? rows : undefined);
      const data = allocate(spec.dataType, elementCount(shape));
      const perRow = batched ? elementCount(shape.slice(1)) : data.length;
      const drawn = Math.min(repeated ? 1 : distinctRows, perRow === 0 ? 0 : data.length / perRow);
      for (let row = 0; row < drawn; row++) {
        const number = (firstRow + row) % distinctRows;
        drawRow(data, row * perRow, perRow, (column) => sampleValue(spec, recipe, drawOf(spec, number, column, index)));
      }
      repeat(data, 0, drawn * perRow, data.length);
      return { name: spec.name, dataType: spec.dataType, shape, data };
    });
}

function drawRow(
  data: TensorData,
  start: number,
  length: number,
  valueAt: (column: number) => TensorData[number],
): void {
  const drawn = Math.min(length, distinctColumns);
  for (let column = 0; column < drawn; column++) (data as unknown[])[start + column] = valueAt(column);
  repeat(data, start, drawn, start + length);
}

/** Copies the `period` elements from `start` on, again and again, until `end`. */
function repeat(data: TensorData, start: number, period: number, end: number): void {
  for (let done = period; start + done < end; done *= 2) {
    (data as NumericData | string[]).copyWithin(start + done, start, start + Math.min(done, end - start - done));
  }
}

/**
 * Neighbouring rows always differ in their first element, however few values there are to draw from, and in all of
 * their texts: one row's are short, the next one's long.
 */
function drawOf({ dataType }: TensorSpec, row: number, column: number, input: number): number {
  return column === 0 || dataType === 'BYTES' ? alternating(row, column, input) : noise(row, column, input);
}

function sampleShape(shape: readonly Dimension[] | null, recipe: SampleRecipe, rows: number | undefined): number[] {
  const dimensions = shape ?? new Array<null>(recipe.unknownRank).fill(null);
  return dimensions.map((size, axis) => {
    if (axis === 0 && rows !== undefined) return rows;
    return typeof size === 'number' ? size : recipe.freeSize;
  });
}

/** `draw` lies in [0, 1). */
function sampleValue(spec: TensorSpec, recipe: SampleRecipe, draw: number): TensorData[number] {
  const { dataType } = spec;
  if (dataType === 'BYTES') return recipe.texts[Math.floor(draw * recipe.texts.length)] as string;
  if (dataType === 'BOOL') return draw < 0.5 ? 0 : 1;
  if (isIntegerType(dataType)) return sampleInteger(dataType, recipe.integers[draw < 0.5 ? 0 : 1]);
  if (dataType === 'FP16') return 0x3400 + Math.floor(draw * 0x800);
  if (dataType === 'BF16') return 0x3e80 + Math.floor(draw * 0x100);
  return 2 * draw - 1;
}

const sampleInteger = (type: IntegerType, value: number): number | bigint =>
  type === 'INT64' || type === 'UINT64' ? BigInt(value) : value;

const alternating = (row: number, column: number, input: number): number => ((row % 2) + noise(row, column, input)) / 2;

/** A repeatable draw from [0, 1): an integer hash of the position. */
function noise(row: number, column: number, input: number): number {
  let hash = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b) ^ Math.imul(input + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
