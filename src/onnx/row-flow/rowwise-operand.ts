/** Rows lie along axis 0 of a value of so many axes (undefined: not known), and each follows from its own row alone. */
export interface Rowwise {
  readonly rank: number | undefined;
  /** Behind axis 0, as far as they are known. */
  readonly sizes?: readonly (number | undefined)[] | undefined;
}

/** The same for all rows, of a shape where that is known. */
export interface Same {
  readonly same: readonly number[] | undefined;
  /** Its elements, where they are known. */
  readonly integers?: readonly number[] | undefined;
}

/** One element of each row, in the order of the rows, whatever the axes. */
export interface Listed {
  readonly listed: true;
}

/** What is known of an operator's input. */
export type Operand = Rowwise | Same | Listed;

export const isRows = (operand: Operand): operand is Rowwise => 'rank' in operand;
export const isSame = (operand: Operand | undefined): operand is Same => operand !== undefined && 'same' in operand;
export const isListed = (operand: Operand): operand is Listed => 'listed' in operand;

/** Elements of a row; undefined where a size is not known. */
export function rowElements({ sizes }: Rowwise): number | undefined {
  let count = 1;
  for (const size of sizes ?? [undefined]) {
    if (size === undefined) return undefined;
    count *= size;
  }
  return count;
}

/** The axis counted from the first; undefined where it is that of the rows, or may be. */
export function axisBeside(axis: number, rank: number | undefined): number | undefined {
  const counted = axis < 0 ? (rank === undefined ? -1 : rank + axis) : axis;
  return counted > 0 && (rank === undefined || counted < rank) ? counted : undefined;
}

/** Another size of an axis that is not that of the rows. */
export const withSize = (rows: Rowwise, axis: number, size: number | undefined): Rowwise => ({
  rank: rows.rank,
  sizes: rows.sizes?.with(axis - 1, size),
});
