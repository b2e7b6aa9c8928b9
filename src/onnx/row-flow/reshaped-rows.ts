import { integerOf, integersOf, type NodeOutline } from '../model-outline.js';
import { axisBeside, isListed, isSame, type Operand, type Rowwise, rowElements } from './rowwise-operand.js';

/** Axes are no more than this many: longer lists are not read to their end. */
const mostAxes = 8;

/** What an operator gives that lays the elements of rows out in another shape; undefined where rows may not stay apart. */
export function reshapedRows(node: NodeOutline, first: Operand, second: Operand | undefined): Rowwise | undefined {
  const integers = isSame(second) ? second.integers : undefined;
  if (node.operator === 'Reshape') return integers && reshaped(node, first, integers);
  if (!('rank' in first)) return undefined;
  const axes = second === undefined ? integersOf(node, 'axes') : integers;
  if (node.operator === 'Flatten') {
    return (integerOf(node, 'axis') ?? 1) === 1 ? { rank: 2, sizes: [rowElements(first)] } : undefined;
  }
  if (node.operator === 'Transpose') return transposed(first, integersOf(node, 'perm'));
  if (axes === undefined || axes.length >= mostAxes || first.rank === undefined) return undefined;
  if (node.operator === 'Squeeze') return without(first, axes);
  if (node.operator === 'Unsqueeze') return expanded(first, axes);
  const keeps = integerOf(node, 'keepdims') !== 0;
  const reduced = withOnes(first, axes);
  return keeps || reduced === undefined ? reduced : without(first, axes);
}

function reshaped(node: NodeOutline, from: Operand, shape: readonly number[]): Rowwise | undefined {
  const [rows, ...rest] = shape;
  if (isListed(from)) return rows === -1 && rest.every((size) => size === 1) ? ofRank(shape, rest) : undefined;
  if (!('rank' in from) || (integerOf(node, 'allowzero') === 1 && shape.includes(0))) return undefined;
  const elements = rowElements(from);
  // Zero keeps the size that the axis has.
  const sizes = rest.map((size, at) => (size === 0 ? from.sizes?.[at] : size));
  const known = sizes.filter((size) => size !== -1).reduce(times, 1);
  if (rows === -1) return known !== undefined && known === elements ? ofRank(shape, sizes) : undefined;
  if (rows !== 0) return undefined;
  const left = elements === undefined || !known ? undefined : elements / known;
  return ofRank(
    shape,
    sizes.map((size) => (size === -1 ? left : size)),
  );
}

const times = (product: number | undefined, size: number | undefined): number | undefined =>
  product === undefined || size === undefined ? undefined : product * size;

const ofRank = (shape: readonly number[], sizes: readonly (number | undefined)[]): Rowwise => ({
  rank: shape.length,
  sizes,
});

function transposed({ rank, sizes }: Rowwise, order: readonly number[] | undefined): Rowwise | undefined {
  if (order?.[0] !== 0 || order.length !== rank) return undefined;
  return { rank, sizes: sizes && order.slice(1).map((axis) => sizes[axis - 1]) };
}

function beside(axes: readonly number[], rank: number): readonly number[] | undefined {
  const counted = axes.map((axis) => axisBeside(axis, rank));
  return counted.length > 0 && counted.every((axis) => axis !== undefined) ? (counted as number[]) : undefined;
}

function without({ rank, sizes }: Rowwise, axes: readonly number[]): Rowwise | undefined {
  const gone = beside(axes, rank as number);
  if (gone === undefined) return undefined;
  return { rank: (rank as number) - new Set(gone).size, sizes: sizes?.filter((_, at) => !gone.includes(at + 1)) };
}

function withOnes({ rank, sizes }: Rowwise, axes: readonly number[]): Rowwise | undefined {
  const reduced = beside(axes, rank as number);
  if (reduced === undefined) return undefined;
  return { rank, sizes: sizes?.map((size, at) => (reduced.includes(at + 1) ? 1 : size)) };
}

function expanded({ rank, sizes }: Rowwise, axes: readonly number[]): Rowwise | undefined {
  const wide = (rank as number) + axes.length;
  const added = beside(axes, wide);
  if (added === undefined) return undefined;
  const left = [...(sizes ?? new Array<undefined>((rank as number) - 1).fill(undefined))];
  const all = Array.from({ length: wide - 1 }, (_, at) => (added.includes(at + 1) ? 1 : left.shift()));
  return { rank: wide, sizes: all };
}
