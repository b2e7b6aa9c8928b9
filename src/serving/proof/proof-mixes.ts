import type { RowSeed } from './row-pool.js';

/** How much a proof runs, by what a row costs. */
export interface ProofSize {
  /** Rows of the kind that the model is known to take. */
  readonly plain: number;
  /** Rows of other kinds, at most. */
  readonly others: number;
  /** Rows of the runs to be compared, ascending. */
  readonly sizes: readonly number[];
  /** Runs of each size, at most. */
  readonly mixes: number;
}

const comparedSizes = [2, 3, 8, 16] as const;

/** `mostRows`: those a run may have, by time and memory. */
export function proofSize(rowMs: number, mostRows: number): ProofSize {
  const sizes: number[] = comparedSizes.filter((size) => size <= mostRows);
  const last = sizes.at(-1) ?? 1;
  if (last < mostRows && mostRows < 16) sizes.push(mostRows);
  if (rowMs < 5) return { plain: 6, others: 40, sizes, mixes: 24 };
  return rowMs < 100 ? { plain: 4, others: 10, sizes, mixes: 4 } : { plain: 3, others: 4, sizes, mixes: 3 };
}

/** A repeatable draw from 0, 1, … `below` − 1. */
export type Draw = (below: number) => number;

export function draws(seed: number): Draw {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/**
 * Runs of `size` rows: each kind of row beside plain ones, at changing places; plain rows alone; and rows of all kinds
 * in any order, some of them twice.
 */
export function mixesOf(
  pool: readonly RowSeed[],
  size: number,
  most: number,
  draw: Draw,
): readonly (readonly RowSeed[])[] {
  const kind = pool[0]?.kind;
  const plain = pool.filter((row) => row.kind === kind);
  const others = pool.filter((row) => row.kind !== kind);
  const anyOf = (rows: readonly RowSeed[]): RowSeed => rows[draw(rows.length)] as RowSeed;
  const fill = (rows: readonly RowSeed[]): RowSeed[] => Array.from({ length: size }, () => anyOf(rows));
  const mixes: RowSeed[][] = [Array.from({ length: size }, (_, at) => plain[at % plain.length] as RowSeed)];
  mixes.push((mixes[0] as RowSeed[]).toReversed(), fill(pool), fill(pool));
  for (const [at, other] of others.entries()) mixes.push(fill(plain).with(at % size, other));
  mixes.push(
    fill(plain),
    fill(others.length > 0 ? others : plain),
    fill(pool),
    Array.from({ length: size }, () => plain[0] as RowSeed),
  );
  return spread(mixes, most);
}

/** The first four, and of the others as many as there is room for, from all over the list. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  const [first, rest] = [list.slice(0, Math.min(4, most)), list.slice(4)];
  const room = most - first.length;
  return [
    ...first,
    ...rest.filter((_, at) => Math.floor(((at + 1) * room) / rest.length) > Math.floor((at * room) / rest.length)),
  ];
}
