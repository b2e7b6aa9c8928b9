import type { BatchAxes } from '../../core/model.js';
import type { Dimension, ModelSignature, TensorSpec } from '../../core/tensor-spec.js';

/** Where the rows of each input may lie, by the input's name; an input without an entry is shared by all rows. */
export type InputAxes = ReadonlyMap<string, number>;

/** Names that say what they count, wherever they stand; and those that say so at the first place only. */
const batchName = /batch/i;
const shortBatchName = /^(n|b|bs|bsz)$/i;

/** Inputs that a request must have: one with a default is a parameter of the whole request. */
export const requiredInputs = ({ inputs }: Pick<ModelSignature, 'inputs'>): readonly TensorSpec[] =>
  inputs.filter(({ optional }) => optional !== true);

/**
 * Ways in which rows may lie in a model's inputs, the likeliest first: along the symbol that names the batch, wherever
 * it lies; where nothing is named so, along axis 0, then along axis 1 of sequences. Empty where no axis is free.
 */
export function candidateAxes(signature: Pick<ModelSignature, 'inputs'>): readonly InputAxes[] {
  const inputs = requiredInputs(signature);
  const symbol = batchSymbol(inputs);
  const candidates =
    symbol === undefined ? [alongFirstAxis(inputs), alongSecondAxis(inputs)] : [alongSymbol(inputs, symbol)];
  return candidates.filter(({ size }) => size > 0);
}

/** The name of a free dimension that counts rows by what it is called, in most of the inputs. */
export function batchSymbol(inputs: readonly Pick<TensorSpec, 'shape'>[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { shape } of inputs) {
    for (const symbol of new Set(shape?.filter(isBatchName) ?? [])) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0];
}

const isBatchName = (size: Dimension, axis: number): size is string =>
  typeof size === 'string' && (batchName.test(size) || (axis === 0 && shortBatchName.test(size)));

/** An output's axis by what the file declares: where the inputs' batch lies by name, else the first one. */
export function declaredOutputAxes({ inputs, outputs }: ModelSignature): ReadonlyMap<string, number> {
  const symbol = batchSymbol(requiredInputs({ inputs }));
  return new Map(
    outputs.map(({ name, shape }) => {
      const axis = symbol === undefined ? -1 : (shape?.indexOf(symbol) ?? -1);
      return [name, Math.max(0, axis)];
    }),
  );
}

/** Whether all rows lie along axis 0 of all inputs and outputs, as where nothing is said. */
export const isAlongFirstAxis = ({ inputs, outputs }: BatchAxes, signature: ModelSignature): boolean =>
  requiredInputs(signature).every(({ name }) => inputs.get(name) === 0) &&
  signature.outputs.every(({ name }) => outputs.get(name) === 0);

function alongSymbol(inputs: readonly TensorSpec[], symbol: string): InputAxes {
  const axes = new Map<string, number>();
  const inner = innerSymbols(inputs);
  for (const { name, shape } of inputs) {
    const axis = shape?.indexOf(symbol) ?? 0;
    if (axis >= 0) axes.set(name, axis);
    else if (isFree(shape?.[0]) && !inner.has(shape?.[0] ?? null)) axes.set(name, 0);
  }
  return axes;
}

function alongFirstAxis(inputs: readonly TensorSpec[]): InputAxes {
  const inner = innerSymbols(inputs);
  const free = inputs.filter(({ shape }) => shape === null || isFree(shape[0]));
  const rows = free.filter(({ shape }) => shape === null || !inner.has(shape[0] ?? null));
  return new Map((rows.length > 0 ? rows : free).map(({ name }) => [name, 0]));
}

/** Sequences of unnamed axes may have the batch second. */
function alongSecondAxis(inputs: readonly TensorSpec[]): InputAxes {
  const sequences = inputs.filter(({ shape }) => (shape?.length ?? 0) >= 3 && isFree(shape?.[1]));
  return new Map(sequences.map(({ name }) => [name, 1]));
}

/** Names of axes behind the first: an input that begins with one (`positions[length, 8]`) has no rows. */
const innerSymbols = (inputs: readonly TensorSpec[]): ReadonlySet<Dimension> =>
  new Set(inputs.flatMap(({ shape }) => shape?.slice(1).filter((size) => typeof size === 'string') ?? []));

const isFree = (size: Dimension | undefined): boolean => size !== undefined && typeof size !== 'number';
