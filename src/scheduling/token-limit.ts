import type { NamedTensor } from '../core/tensor.js';

/** Where rows are sequences of tokens, a run is as large, and costs as much, as it has tokens: its rows × their length. */
export interface TokenLimit {
  /** Of one run; a row that is longer runs alone. */
  readonly maxBatchTokens: number;
  /** Tokens of each row of a request, what fills it up included. */
  readonly tokensOf: (inputs: readonly NamedTensor[]) => number;
}

/** How many rows of `length` tokens a run of `tokens` has: one at least, and no more than `maxRows`. */
export const rowsWithin = (tokens: number, length: number, maxRows: number): number =>
  Math.max(1, Math.min(maxRows, Math.floor(tokens / length)));
