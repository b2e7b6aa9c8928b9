/** A worker's end, and how it stood with it. */
export interface WorkerExit {
  readonly isStopping: boolean;
  /** Whether every worker has listened once: the settings work. */
  readonly hasServed: boolean;
  /** Ends of this worker in a row, this one included, each soon after its start. */
  readonly shortLives: number;
}

export type AfterExit =
  | { readonly kind: 'none' }
  /** The server cannot be started like this. */
  | { readonly kind: 'give-up' }
  | { readonly kind: 'restart'; readonly delayMs: number };

/** A worker that lived this long did not end of how it was started. */
export const longLifeMs = 10_000;

const baseDelayMs = 250;
const maxDelayMs = 10_000;

/** The first time at once; a worker that ends again and again is waited with, longer each time, but never given up. */
export function afterExit({ isStopping, hasServed, shortLives }: WorkerExit): AfterExit {
  if (isStopping) return { kind: 'none' };
  if (!hasServed) return { kind: 'give-up' };
  if (shortLives <= 1) return { kind: 'restart', delayMs: 0 };
  return { kind: 'restart', delayMs: Math.min(maxDelayMs, baseDelayMs * 2 ** (shortLives - 2)) };
}
