/** Sequences of tokens that are laid side by side, each filled up to `length`. */
export interface TokenBatch {
  readonly length: number;
  /** Positions of the sequences. */
  readonly rows: readonly number[];
}

export interface TokenBatchLimits {
  /** Rows × length of a batch; one sequence alone may be longer. */
  readonly maxBatchTokens: number;
  readonly maxRows: number;
  /** A sequence is never filled up beyond this. */
  readonly maxTokens: number;
  /** The one length that the graph takes. */
  readonly fixedLength?: number | undefined;
  /** Whether sequences are filled up at all: only where that was shown to change nothing. */
  readonly isPadded: boolean;
}

/**
 * Puts sequences of like length together. The lengths are few, so that the texts of many callers meet in the same one; up
 * to 64 they are multiples of 8, and further apart beyond.
 */
export function tokenBatches(lengths: readonly number[], limits: TokenBatchLimits): TokenBatch[] {
  const byLength = new Map<number, number[]>();
  for (const [row, tokens] of lengths.entries()) {
    const length = filledTo(tokens, limits);
    const rows = byLength.get(length);
    if (rows === undefined) byLength.set(length, [row]);
    else rows.push(row);
  }
  return [...byLength].flatMap(([length, rows]) => {
    const most = Math.max(1, Math.min(limits.maxRows, Math.floor(limits.maxBatchTokens / length)));
    return Array.from({ length: Math.ceil(rows.length / most) }, (_, index) => ({
      length,
      rows: rows.slice(index * most, (index + 1) * most),
    }));
  });
}

/** The length that a sequence of so many tokens is filled up to. */
export function filledTo(
  tokens: number,
  { fixedLength, isPadded, maxTokens }: Omit<TokenBatchLimits, 'maxBatchTokens' | 'maxRows'>,
): number {
  if (fixedLength !== undefined) return fixedLength;
  if (!isPadded) return tokens;
  // Eight lengths to each doubling: a sequence is filled up by an eighth at most.
  const step = Math.max(8, 2 ** (Math.ceil(Math.log2(tokens)) - 4));
  return Math.max(tokens, Math.min(Math.ceil(tokens / step) * step, maxTokens));
}
