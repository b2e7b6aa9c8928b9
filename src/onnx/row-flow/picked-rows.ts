import { integerOf, type NodeOutline } from '../model-outline.js';
import { axisBeside, isRows, isSame, type Operand, type Rowwise, rowElements, withSize } from './rowwise-operand.js';

const countOf = (dims: readonly number[]): number => dims.reduce((count, size) => count * size, 1);

/** What Gather gives: columns of rows, or elements of a table, one for each element of rows. */
export function gatheredRows(node: NodeOutline, data: Operand, indices: Operand): Operand | undefined {
  const axis = integerOf(node, 'axis') ?? 0;
  if (isRows(data) && isSame(indices)) {
    const at = data.rank === undefined ? undefined : axisBeside(axis, data.rank);
    if (at === undefined || indices.same === undefined) return undefined;
    const { same } = indices;
    return {
      rank: (data.rank as number) - 1 + same.length,
      sizes: data.sizes?.toSpliced(at - 1, 1, ...same),
    };
  }
  if (!isSame(data) || !isRows(indices) || axis !== 0 || data.same === undefined || data.same.length === 0)
    return undefined;
  const behind = data.same.slice(1);
  return {
    rank: indices.rank === undefined ? undefined : indices.rank + behind.length,
    sizes: indices.sizes && [...indices.sizes, ...behind],
  };
}

/** What ArrayFeatureExtractor gives: columns of rows; or elements of a list, in one row, one for each row. */
export function extractedRows(from: Operand, columns: Operand): Operand | undefined {
  if (isRows(from) && isSame(columns)) {
    if (from.rank === undefined || from.rank < 2) return undefined;
    return withSize(from, from.rank - 1, columns.same && countOf(columns.same));
  }
  const isOfEach = isSame(from) && from.same?.length === 1 && isRows(columns) && rowElements(columns) === 1;
  return isOfEach ? { listed: true } : undefined;
}

/** Columns side by side. */
export function joinedRows(node: NodeOutline, operands: readonly Operand[]): Rowwise | undefined {
  const [first] = operands;
  if (first === undefined || !isRows(first) || first.rank === undefined) return undefined;
  const { rank } = first;
  const axis = axisBeside(integerOf(node, 'axis') ?? 0, rank);
  if (axis === undefined || !operands.every((operand) => isRows(operand) && operand.rank === rank)) return undefined;
  const widths = (operands as readonly Rowwise[]).map(({ sizes }) => sizes?.[axis - 1]);
  const width = widths.reduce<number | undefined>(
    (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
    0,
  );
  return withSize(first, axis, width);
}
