import type { Batching } from '../core/model.js';
import type { BatchPolicy } from './batch-policy.js';
import type { CostCurve } from './cost-curve.js';
import type { ScheduledRequest } from './scheduled-request.js';

export interface BatchSizingOptions {
  readonly batching: Batching;
  /** Sizes and delays; how many rows a run takes is learned and stays within `batching`. */
  readonly policy: Omit<BatchPolicy, 'maxRows'>;
  /** Runs are kept within this. */
  readonly latencyTargetMs?: number | undefined;
  readonly curve: CostCurve;
  /** Upper limit of one run. */
  readonly runTimeoutMs: number;
}

/** A request is cut into this many pieces at most. */
export const mostPieces = 16_384;
/** A run may take this many times what the curve expects, but always `shortestRunTimeoutMs`. */
const runTimeoutFactor = 100;
const shortestRunTimeoutMs = 5000;
/** The curve's best size is looked up again after this many runs. */
const runsBetweenLooks = 64;

/** How large a model's batches are, and how long they take: given by the operator, and learned from its runs. */
export class BatchSizing {
  readonly #options: BatchSizingOptions;
  #batching: Batching;
  #policy: BatchPolicy;
  #runsUntilLook = runsBetweenLooks;
  /** The next batch that could be larger than the learned size is, to see whether that has become worth it. */
  #exploring = false;

  constructor(options: BatchSizingOptions) {
    this.#options = options;
    this.#batching = options.batching;
    this.#policy = { ...options.policy, maxRows: this.#bestRows() };
  }

  /** What was given, until an answer shows that the model does not keep rows apart. */
  get batching(): Batching {
    return this.#batching;
  }

  /** Rows one run takes at most, as learned so far. */
  get maxRows(): number {
    return this.#policy.maxRows;
  }

  get allowedSizes(): readonly number[] {
    return this.#policy.allowedSizes;
  }

  /** By which the next batch is to be decided. */
  get policy(): BatchPolicy {
    return this.#exploring ? this.#largerPolicy() : this.#policy;
  }

  /** Milliseconds a run of `rows` rows is expected to take; 0 while nothing is known. */
  expectedMs(rows: number): number {
    return this.#options.curve.predictMs(rows) ?? 0;
  }

  /** A generous multiple of what the run is expected to take, within the operator's limit. */
  runTimeoutMs(rows: number): number {
    const { curve, runTimeoutMs } = this.#options;
    const expectedMs = curve.predictMs(rows);
    if (expectedMs === undefined) return runTimeoutMs;
    return Math.min(runTimeoutMs, Math.max(shortestRunTimeoutMs, runTimeoutFactor * expectedMs));
  }

  /** Small enough to be spread over batches and instances, large enough for a huge request not to fall to dust. */
  pieceRows({ rows, mergeable }: Pick<ScheduledRequest, 'rows' | 'mergeable'>): number {
    if (this.#batching.kind === 'none' || !mergeable) return Math.max(1, rows);
    return this.#batching.kind === 'fixed' ? this.maxRows : Math.max(this.maxRows, Math.ceil(rows / mostPieces));
  }

  /** Tells that a batch of so many rows left. */
  started(rows: number): void {
    if (rows > this.maxRows) this.#exploring = false;
  }

  /** Tells what a run took inside the engine. */
  finished(rows: number, computeMs: number): void {
    this.#options.curve.observe(rows, computeMs);
    if (--this.#runsUntilLook > 0) return;
    this.#lookAgain();
    this.#exploring = this.#batching.kind === 'dynamic';
  }

  /** From now on requests run one at a time, as they came. */
  stopBatching(reason: string): void {
    this.#batching = { kind: 'none', reason };
    this.#exploring = false;
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#runsUntilLook = runsBetweenLooks;
    this.#policy = { ...this.#policy, maxRows: this.#bestRows() };
  }

  #bestRows(): number {
    const { curve, latencyTargetMs } = this.#options;
    if (this.#batching.kind === 'none') return 1;
    if (this.#batching.kind === 'fixed') return this.#batching.rows;
    return curve.bestRows({ maxRows: this.#batching.maxBatchSize, latencyTargetMs });
  }

  #largerPolicy(): BatchPolicy {
    const limit = this.#batching.kind === 'dynamic' ? this.#batching.maxBatchSize : this.maxRows;
    const maxRows = Math.min(limit, 2 * this.maxRows);
    const { latencyTargetMs = Number.POSITIVE_INFINITY } = this.#options;
    return this.expectedMs(maxRows) > latencyTargetMs ? this.#policy : { ...this.#policy, maxRows };
  }
}
