/** One learned point: a run of up to `rows` rows takes `ms`. */
export interface CostPoint {
  readonly rows: number;
  readonly ms: number;
}

export interface BatchSizeLimits {
  readonly maxRows: number;
  /** Runs are kept within this; absent is no target. */
  readonly latencyTargetMs?: number | undefined;
}

/** Share of the best throughput that a smaller batch must reach to be preferred over a larger one. */
const goodEnough = 0.9;
/** A new observation counts at least this much; among the first few each counts the same. */
const newestWeight = 0.1;

/**
 * What a run of n rows costs, learned from runs: a moving average per power of two, from n/2 (exclusive) to n.
 */
export class CostCurve {
  /** Index i holds sizes in (2^(i−1), 2^i]. `rows` is the average size seen there. */
  readonly #buckets: { rows: number; ms: number; seen: number }[] = [];

  /** Of a run of one row or more. */
  observe(rows: number, ms: number): void {
    const index = bucketOf(rows);
    const known = this.#buckets[index];
    if (known === undefined) this.#buckets[index] = { rows, ms, seen: 1 };
    else {
      const weight = Math.max(newestWeight, 1 / ++known.seen);
      known.rows += weight * (rows - known.rows);
      known.ms += weight * (ms - known.ms);
    }
  }

  /** Ascending by rows. */
  points(): readonly CostPoint[] {
    return this.#buckets.filter((bucket) => bucket !== undefined).map(({ rows, ms }) => ({ rows, ms }));
  }

  /**
   * Milliseconds a run of `rows` rows is expected to take; undefined before anything was learned. Between
   * points linear; beyond the last one in proportion to its rows; below the first the first.
   */
  predictMs(rows: number): number | undefined {
    let below: CostPoint | undefined;
    for (const point of this.#buckets) {
      if (point === undefined) continue;
      if (point.rows >= rows) {
        if (below === undefined) return point.ms;
        const share = (rows - below.rows) / (point.rows - below.rows);
        return below.ms + share * (point.ms - below.ms);
      }
      below = point;
    }
    return below === undefined ? undefined : (below.ms * rows) / below.rows;
  }

  /**
   * The smallest size whose throughput is within a tenth of the best one known, never beyond the limits. Sizes
   * above the largest one seen are allowed only while throughput still grew there: how far is unknown yet.
   */
  bestRows({ maxRows, latencyTargetMs = Number.POSITIVE_INFINITY }: BatchSizeLimits): number {
    const within = this.points().filter((point) => point.ms <= latencyTargetMs);
    const known = within.filter((point) => point.rows <= maxRows);
    if (known.length === 0) return this.points().length === 0 ? maxRows : 1;
    const throughput = (point: CostPoint): number => point.rows / point.ms;
    const best = Math.max(...known.map(throughput));
    const chosen = known.find((point) => throughput(point) >= goodEnough * best) as CostPoint;
    const last = known.at(-1) as CostPoint;
    if (chosen !== last || within.length < this.points().length) return sizeOf(chosen, maxRows);
    return Math.min(maxRows, 2 * sizeOf(last, maxRows), Math.floor((latencyTargetMs / last.ms) * last.rows));
  }
}

const bucketOf = (rows: number): number => Math.ceil(Math.log2(rows));

const sizeOf = (point: CostPoint, maxRows: number): number => Math.min(maxRows, 2 ** bucketOf(point.rows - 0.01));
