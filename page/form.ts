import type { ModelFacts, TensorFacts } from './model-facts.js';

/** The way in which a model is asked: what a person gives it, as far as its signature and task tell. */
export type Form =
  | { readonly kind: 'text'; readonly task: string | undefined; readonly input: string }
  | { readonly kind: 'picture' }
  | { readonly kind: 'fields'; readonly inputs: readonly TensorFacts[] }
  | { readonly kind: 'pad'; readonly input: TensorFacts; readonly side: number }
  | { readonly kind: 'json' };

/** More fields than that are no form any more. */
const mostFields = 64;
const sides = { least: 8, most: 64 };

const isPictureTask = (task: string): boolean => task === 'image-classification' || task === 'object-detection';

export function formOf({ task, inputs }: Pick<ModelFacts, 'task' | 'inputs'>): Form {
  const needed = inputs.filter(({ isOptional }) => !isOptional);
  const [first] = needed;
  if (task !== undefined) {
    return isPictureTask(task) ? { kind: 'picture' } : { kind: 'text', task, input: 'text' };
  }
  if (first === undefined) return { kind: 'json' };
  if (needed.length === 1 && first.kind === 'text' && widthOf(first) === 1) {
    return { kind: 'text', task: undefined, input: first.name };
  }
  const side = needed.length === 1 ? padSide(first) : undefined;
  if (side !== undefined) return { kind: 'pad', input: first, side };
  const widths = needed.map(widthOf);
  const count = widths.reduce<number>((sum, width) => sum + (width ?? Number.POSITIVE_INFINITY), 0);
  return count <= mostFields ? { kind: 'fields', inputs: needed } : { kind: 'json' };
}

/** Values of a row, where a row is a value or a list of known length; undefined elsewhere. */
export function widthOf({ shape }: TensorFacts): number | undefined {
  if (shape === undefined || shape[0] !== -1 || shape.length > 2) return undefined;
  const width = shape[1] ?? 1;
  return width > 0 ? width : undefined;
}

/** Rows that are small square pictures of one colour: [any, 8, 8] or [any, 1, 28, 28]. */
function padSide({ kind, shape = [] }: TensorFacts): number | undefined {
  if (kind === 'text' || shape[0] !== -1) return undefined;
  const inner = shape.length === 4 && shape[1] === 1 ? shape.slice(2) : shape.slice(1);
  const [side = 0, width] = inner;
  return inner.length === 2 && side === width && side >= sides.least && side <= sides.most ? side : undefined;
}
