import type { BatchAxes, Batching } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { BatchPolicy } from './batch-policy.js';
import type { CostCurve } from './cost-curve.js';
import type { ScheduledRequest } from './scheduler.js';
import { rowsWithin, type TokenLimit } from './token-limit.js';

export interface BatchSizingOptions {
  readonly batching: Batching;
  /** Sizes and delays; how many rows a run takes is learned and stays within `batching`. */
  readonly policy: Omit<BatchPolicy, 'maxRows'>;
  /** Runs are kept within this. */
  readonly latencyTargetMs?: number | undefined;
  /** What runs cost by their size: rows or, with `tokens`, rows × tokens of each. */
  readonly curve: CostCurve;
  /** Where rows are sequences of tokens, and differ in what they cost. */
  readonly tokens?: TokenLimit | undefined;
  /** Upper limit of one run. */
  readonly runTimeoutMs: number;
  /** Whether a run is overdue sooner, by what runs were seen to take. Default true. */
  readonly learnsRunTimeout?: boolean;
}

/** A request is cut into this many chunks at most. */
const mostChunks = 16_384;
/** A run is overdue at this many times what the curve expects, but never before `soonestOverdueMs`. */
const overdueFactor = 100;
const soonestOverdueMs = 5000;
/** Of the length of the rows of a run, in the average of those before. */
const newestWeight = 0.1;
/** The curve's best size is looked up again after this many runs. */
const runsBetweenUpdates = 64;

/** How large a model's batches are, and how long they take: given by the operator, and learned from its runs. */
export class BatchSizing {
  /** What was given, until a trial or an answer shows something else. Changed by `setBatching`. */
  batching: Batching;
  /** The same, with the size that was learned in place of the largest. */
  learned: Batching;
  /** Rows one run takes at most, as learned so far; of the usual length, where rows differ in that. */
  maxRows = 1;
  /** By which the next batch of such rows is to be decided: now and then one of more, to see whether that has become worth it. */
  policy: BatchPolicy;
  /** The operator's limit of a run. */
  readonly runTimeoutMs: number;
  readonly #options: BatchSizingOptions;
  /** Tokens of a row, as the last runs had them; 1 where they do not count. */
  #usualLength = 1;
  /** Of a run, as learned so far: rows or tokens. */
  #maxSize = 1;
  /** Of the next run. */
  #nextSize = 1;
  #runsUntilUpdate = runsBetweenUpdates;

  constructor(options: BatchSizingOptions) {
    this.#options = options;
    this.runTimeoutMs = options.runTimeoutMs;
    this.batching = options.batching;
    this.learned = options.batching;
    this.policy = this.#lookAgain();
  }

  /** Tokens of each row of a request; 1 where they do not count. */
  lengthOf({ inputs }: Pick<ScheduledRequest, 'inputs'>): number {
    const { tokens } = this.#options;
    return tokens === undefined ? 1 : Math.max(1, tokens.tokensOf(inputs));
  }

  /** By which the next batch of rows of this length is to be decided. */
  policyFor(length: number): BatchPolicy {
    if (this.#options.tokens === undefined || !this.#isByTokens) return this.policy;
    return { ...this.policy, maxRows: this.#rowsWithin(this.#nextSize, length) };
  }

  /** Milliseconds a run of `rows` rows is expected to take; undefined while nothing is known. */
  predictMs(rows: number, length = this.#usualLength): number | undefined {
    return this.#options.curve.predictMs(rows * length);
  }

  /** The same; 0 while nothing is known. */
  expectedMs(rows: number, length = this.#usualLength): number {
    return this.predictMs(rows, length) ?? 0;
  }

  /** A generous multiple of what the run is expected to take, within the operator's limit. */
  overdueAfterMs(rows: number, length = this.#usualLength): number {
    const { runTimeoutMs, learnsRunTimeout = true } = this.#options;
    const expectedMs = learnsRunTimeout ? this.predictMs(rows, length) : undefined;
    if (expectedMs === undefined) return runTimeoutMs;
    return Math.min(runTimeoutMs, Math.max(soonestOverdueMs, overdueFactor * expectedMs));
  }

  /** Small enough to be spread over batches and instances, large enough for a huge request not to fall to dust. */
  chunkRows(request: Pick<ScheduledRequest, 'inputs' | 'rows' | 'mergeable' | 'separate'>): number {
    const { rows, mergeable, separate } = request;
    if (this.batching.kind === 'none' || !mergeable) return separate ? 1 : Math.max(1, rows);
    if (this.batching.kind === 'fixed') return this.maxRows;
    const byTokens = this.#options.tokens !== undefined;
    const maxRows = byTokens ? this.#rowsWithin(this.#maxSize, this.lengthOf(request)) : this.maxRows;
    return Math.min(this.batching.maxBatchSize, Math.max(maxRows, Math.ceil(rows / mostChunks)));
  }

  /** Why a request of so many rows, cut by so many, has too many; undefined where it has not. */
  rejection(rows: number, chunkRows: number): ServingError | undefined {
    const most = chunkRows * mostChunks;
    if (rows <= most) return undefined;
    if (this.batching.kind === 'none' && this.batching.pending === true) {
      const message = `the request has ${rows} rows, and how many of them may be computed together is still being tried out: send it again in a second, or at most ${most} rows in a request`;
      return new ServingError('UNAVAILABLE', message, { retryAfterSeconds: 1 });
    }
    return new ServingError(
      'INVALID_ARGUMENT',
      `the request has ${rows} rows and the model computes ${chunkRows} at a time: expected at most ${most}; send fewer rows in a request`,
    );
  }

  /** Tells that a batch has left. One of more rows than were learned is enough. */
  left(rows: number, length: number): void {
    if (rows * length <= this.#maxSize || this.#nextSize === this.#maxSize) return;
    this.#nextSize = this.#maxSize;
    this.policy = { ...this.policy, maxRows: this.maxRows };
  }

  /** Tells what a run took inside the engine. */
  finished(rows: number, computeMs: number, length: number): void {
    this.#options.curve.observe(rows * length, computeMs);
    if (this.#options.tokens !== undefined) {
      this.#usualLength =
        this.#usualLength === 1 ? length : this.#usualLength + newestWeight * (length - this.#usualLength);
    }
    if (--this.#runsUntilUpdate > 0) return;
    this.policy = this.#lookAgain();
    const { curve, latencyTargetMs = Number.POSITIVE_INFINITY } = this.#options;
    const size = Math.min(this.#largestSize, 2 * this.#maxSize);
    if (this.batching.kind !== 'dynamic' || (curve.predictMs(size) ?? 0) > latencyTargetMs) return;
    this.#nextSize = size;
    this.policy = { ...this.policy, maxRows: this.#rowsWithin(size, this.#usualLength) };
  }

  /** From now on requests share runs in this way; what waits already, and was to run alone, still does. */
  setBatching(batching: Batching): void {
    this.batching = batching;
    this.policy = this.#lookAgain();
  }

  /** From now on requests run one at a time, as they came. */
  stopBatching(reason: string, axes: BatchAxes): void {
    this.setBatching({ kind: 'none', reason, axes });
  }

  /** The policy by what was learned since. Only runs of a free number of rows can be given one of certain sizes. */
  #lookAgain(): BatchPolicy {
    this.#runsUntilUpdate = runsBetweenUpdates;
    const { curve, latencyTargetMs, policy } = this.#options;
    const { batching } = this;
    if (batching.kind === 'none') this.#maxSize = 1;
    else if (batching.kind === 'fixed') this.#maxSize = batching.rows;
    else this.#maxSize = curve.bestRows({ maxRows: this.#largestSize, latencyTargetMs });
    this.#nextSize = this.#maxSize;
    this.maxRows = this.#rowsWithin(this.#maxSize, this.#usualLength);
    this.learned = this.#learned();
    return { ...policy, allowedSizes: batching.kind === 'dynamic' ? policy.allowedSizes : [], maxRows: this.maxRows };
  }

  #learned(): Batching {
    if (this.batching.kind !== 'dynamic') return this.batching;
    return this.#isByTokens
      ? { ...this.batching, maxBatchTokens: this.#maxSize }
      : { ...this.batching, maxBatchSize: this.maxRows };
  }

  get #isByTokens(): boolean {
    return this.#options.tokens !== undefined && this.batching.kind === 'dynamic';
  }

  get #largestSize(): number {
    const { tokens } = this.#options;
    if (tokens !== undefined) return tokens.maxBatchTokens;
    return this.batching.kind === 'dynamic' ? this.batching.maxBatchSize : this.#maxSize;
  }

  #rowsWithin(size: number, length: number): number {
    return this.batching.kind === 'dynamic' ? rowsWithin(size, length, this.batching.maxBatchSize) : size;
  }
}
