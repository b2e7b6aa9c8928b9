import {
  type DimensionExpression,
  evaluateDimension,
  parseDimension,
  symbolsOf,
} from '../../core/dimension-expression.js';
import type { Dimension, TensorSpec } from '../../core/tensor-spec.js';

export interface SampleSizeOptions {
  /** Of every free dimension that nothing else is said about. */
  readonly freeSize: number;
  /** Sizes of symbols that are settled: that of the batch axis, a past of length 0. */
  readonly sizes?: ReadonlyMap<string, number>;
}

/** Tried for a symbol, in this order, where an expression gives no size with the one it should have. */
const otherSizes = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256, 512] as const;
/** Beyond so many expressions none of them is mended. */
const mostExpressions = 256;

/**
 * The size of every dimension in one sample: a name has one size wherever it stands, and an expression (`a + b`, `2*a`,
 * `floor(a/2)`) the size that follows. Where none follows (`a - 4` of a small `a`), its symbols get other sizes, unless
 * they are settled; where nothing helps, it is a free dimension like others.
 */
export function sampleSizes(
  specs: readonly Pick<TensorSpec, 'shape'>[],
  { freeSize, sizes = new Map() }: SampleSizeOptions,
): (dimension: Dimension) => number {
  const expressions = readExpressions(specs);
  const chosen = new Map(sizes);
  const sizeOf = (symbol: string): number => chosen.get(symbol) ?? freeSize;
  const evaluate = (expression: DimensionExpression): number | undefined => evaluateDimension(expression, sizeOf);
  const all = [...expressions.values()];
  if (all.length <= mostExpressions) {
    for (const expression of all) {
      if (evaluate(expression) === undefined) mend(expression, all, { chosen, settled: sizes, evaluate });
    }
  }
  return (dimension) => {
    if (typeof dimension === 'number') return dimension;
    if (dimension === null) return freeSize;
    const expression = expressions.get(dimension);
    return expression === undefined ? sizeOf(dimension) : (evaluate(expression) ?? freeSize);
  };
}

/** By the dimension's text; names that are no expression are left out. */
function readExpressions(specs: readonly Pick<TensorSpec, 'shape'>[]): ReadonlyMap<string, DimensionExpression> {
  const names = new Set<string>();
  for (const { shape } of specs) for (const size of shape ?? []) if (typeof size === 'string') names.add(size);
  const expressions = new Map<string, DimensionExpression>();
  for (const name of names) {
    const expression = parseDimension(name, names);
    if (expression !== undefined) expressions.set(name, expression);
  }
  return expressions;
}

interface Mending {
  readonly chosen: Map<string, number>;
  readonly settled: ReadonlyMap<string, number>;
  readonly evaluate: (expression: DimensionExpression) => number | undefined;
}

/** Gives one of the expression's symbols the first size with which it and as many others as before give a size. */
function mend(
  expression: DimensionExpression,
  all: readonly DimensionExpression[],
  { chosen, settled, evaluate }: Mending,
): void {
  const broken = (): number => all.filter((other) => evaluate(other) === undefined).length;
  const brokenBefore = broken();
  for (const symbol of symbolsOf(expression)) {
    if (settled.has(symbol)) continue;
    const before = chosen.get(symbol);
    for (const size of otherSizes) {
      chosen.set(symbol, size);
      if (evaluate(expression) !== undefined && broken() < brokenBefore) return;
    }
    if (before === undefined) chosen.delete(symbol);
    else chosen.set(symbol, before);
  }
}
