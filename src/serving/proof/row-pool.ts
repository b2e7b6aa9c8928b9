import { isIntegerType } from '../../core/data-type.js';
import { elementCount, type NamedTensor, type TensorData } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { InputAxes } from './candidate-axes.js';
import { layRows, sampleRow } from './sample-inputs.js';
import { requireSampleBudget, type SampleRecipe, sampleShapes } from './sample-shapes.js';
import { isMask, numerals, type ValueKind, words } from './sample-values.js';

/** One made-up row, by how it is made. */
export interface RowSeed {
  readonly kind: ValueKind;
  readonly number: number;
}

const floatKinds: readonly Pick<ValueKind, 'name' | 'floats' | 'exponent'>[] = [
  { name: 'wide', floats: 'signed', exponent: 7 },
  { name: 'positive', floats: 'positive', exponent: 0 },
  { name: 'far', floats: 'signed', exponent: 13 },
  { name: 'tiny', floats: 'signed', exponent: -10 },
  { name: 'tens', floats: 'positive', exponent: 4 },
  { name: 'bytes', floats: 'positive', exponent: 8 },
  { name: 'thousands', floats: 'positive', exponent: 12 },
  { name: 'zero', floats: 0, exponent: 0 },
  { name: 'one', floats: 1, exponent: 0 },
];
const integerKinds: readonly Pick<ValueKind, 'name' | 'integers'>[] = [
  { name: 'digits', integers: { below: 10 } },
  { name: 'any', integers: { below: 2 ** 31 } },
  { name: 'hundreds', integers: { below: 1000 } },
  { name: 'flags', integers: { below: 2 } },
];
const textKinds: readonly Pick<ValueKind, 'name' | 'texts'>[] = [
  { name: 'numerals', texts: numerals },
  { name: 'empty', texts: [''] },
  { name: 'long', texts: [words.join(' '), words.join(' ').repeat(4)] },
  { name: 'words', texts: words },
];

/**
 * Rows to compare, the plain ones first: `plain` of the kind that the model is known to take, then two of each other
 * kind that makes a difference to its inputs. What nobody sends (NaN) comes last.
 */
export function rowSeeds({ inputs }: ModelSignature, taken: ValueKind, plain: number): readonly RowSeed[] {
  const types = inputs.filter(({ optional }) => optional !== true);
  const kinds: ValueKind[] = [];
  const hasFloats = types.some(({ dataType }) => /FP|BF/.test(dataType));
  if (hasFloats) kinds.push(...floatKinds.map((kind) => ({ ...taken, ...kind })));
  if (types.some((spec) => isIntegerType(spec.dataType) && !isMask(spec))) {
    kinds.push(...integerKinds.map((kind) => ({ ...taken, ...kind })));
  }
  if (types.some(({ dataType }) => dataType === 'BYTES'))
    kinds.push(...textKinds.map((kind) => ({ ...taken, ...kind })));
  if (hasFloats) kinds.push({ ...taken, name: 'NaN', floats: Number.NaN });
  const seeds = Array.from({ length: plain }, (_, number) => ({ kind: taken, number }));
  return [...seeds, ...kinds.flatMap((kind, at) => seedsOf(kind, plain + 2 * at))];
}

/** All rows of a constant are one. */
const seedsOf = (kind: ValueKind, number: number): readonly RowSeed[] =>
  typeof kind.floats === 'number' ? [{ kind, number }] : [0, 1].map((more) => ({ kind, number: number + more }));

export interface ComposeOptions {
  readonly signature: ModelSignature;
  readonly recipe: SampleRecipe;
  readonly axes: InputAxes;
  /** Which values the inputs have that all rows share. */
  readonly shared: number;
}

/** The inputs of a run of these rows, in their order. Throws SampleTooLarge. */
export function composeRows(
  { signature, recipe, axes, shared }: ComposeOptions,
  seeds: readonly RowSeed[],
): NamedTensor[] {
  const shapes = sampleShapes(signature, recipe, { rows: seeds.length, axes });
  requireSampleBudget(shapes);
  return shapes.map(({ spec, dataType, shape }, index) => {
    const axis = axes.get(spec.name);
    const count = elementCount(shape);
    if (axis === undefined) {
      return { name: spec.name, dataType, shape, data: sampleRow({ spec, index, recipe }, shared, count) };
    }
    const made = new Map<RowSeed, TensorData>();
    const data = layRows({ dataType, shape, axis }, (row) => {
      const seed = seeds[row] as RowSeed;
      let elements = made.get(seed);
      if (elements === undefined) {
        const source = { spec, index, recipe: { ...recipe, kind: seed.kind } };
        elements = sampleRow(source, seed.number, count / seeds.length);
        made.set(seed, elements);
      }
      return elements;
    });
    return { name: spec.name, dataType, shape, data };
  });
}
