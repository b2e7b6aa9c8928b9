import { type DataType, elementBytes } from '../../core/data-type.js';
import { ServingError } from '../../core/serving-error.js';
import { elementCount } from '../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { type InputAxes, requiredInputs } from './candidate-axes.js';
import { sampleSizes } from './sample-sizes.js';
import type { ValueKind } from './sample-values.js';

/** A way of making inputs up; models differ in what they take without complaint. */
export interface SampleRecipe {
  /** Size of every free dimension but the batch axis. */
  readonly freeSize: number;
  /** Dimensions of inputs whose rank is unknown, the batch axis included. */
  readonly unknownRank: number;
  readonly kind: ValueKind;
  /** By the name of an input: its integers lie below this. */
  readonly limits?: ReadonlyMap<string, number>;
}

export interface SampleRows {
  readonly rows: number;
  readonly firstRow?: number;
  readonly repeated?: boolean;
  /** Where rows lie; undefined: the model has none, and every free axis has the recipe's size. */
  readonly axes: InputAxes | undefined;
}

export interface SampleTensorShape {
  readonly spec: TensorSpec;
  readonly dataType: TensorSpec['dataType'];
  readonly shape: number[];
}

/** Of the inputs of `rows` rows. */
export function sampleShapes(
  { inputs }: ModelSignature,
  { freeSize, unknownRank }: Pick<SampleRecipe, 'freeSize' | 'unknownRank'>,
  { rows, axes }: Pick<SampleRows, 'rows' | 'axes'>,
): readonly SampleTensorShape[] {
  const specs = requiredInputs({ inputs });
  const sizeOf = sampleSizes(specs, { freeSize, sizes: rowSymbols(specs, rows, axes) });
  return specs.map((spec) => {
    const axis = axes?.get(spec.name);
    const dimensions = spec.shape ?? new Array<null>(unknownRank).fill(null);
    const shape = dimensions.map((size, at) => (at === axis ? rows : sizeOf(size)));
    return { spec, dataType: spec.dataType, shape };
  });
}

/** The names of the axis along which rows lie; one has that size wherever it stands. */
function rowSymbols(
  specs: readonly TensorSpec[],
  rows: number,
  axes: InputAxes | undefined,
): ReadonlyMap<string, number> {
  const symbols = new Map<string, number>();
  for (const { name, shape } of specs) {
    const axis = axes?.get(name);
    const symbol = axis === undefined ? undefined : shape?.[axis];
    if (typeof symbol === 'string') symbols.set(symbol, rows);
  }
  return symbols;
}

/** Made-up inputs of one run take no more memory than this: a file of a few bytes declares any size. */
export const largestSampleBytes = 64 * 2 ** 20;

/** The model's inputs are too large to be made up; nothing was made. */
export class SampleTooLarge extends ServingError {
  constructor(bytes: number) {
    super(
      'RESOURCE_EXHAUSTED',
      `made-up inputs would take ${mebibytes(bytes)} MiB; no more than ${mebibytes(largestSampleBytes)} are made`,
    );
  }
}

export interface SampleShape {
  readonly dataType: DataType;
  readonly shape: readonly number[];
}

/** A string's place in its array, and its bytes in a frame. */
const bytesOfString = 64;

/** Memory that tensors of these shapes take. */
export const sampleBytes = (tensors: readonly SampleShape[]): number =>
  tensors.reduce((sum, { dataType, shape }) => sum + elementCount(shape) * bytesOf(dataType), 0);

/** Throws SampleTooLarge where the tensors would take more than `largestSampleBytes`. */
export function requireSampleBudget(tensors: readonly SampleShape[]): void {
  const bytes = sampleBytes(tensors);
  if (!(bytes <= largestSampleBytes)) throw new SampleTooLarge(bytes);
}

const bytesOf = (dataType: DataType): number => (dataType === 'BYTES' ? bytesOfString : elementBytes[dataType]);

const mebibytes = (bytes: number): string => Math.ceil(bytes / 2 ** 20).toLocaleString('en');
