import type { CompletionHandler } from '../core/inference.js';
import type { InstanceGroup } from '../core/inference-engine.js';
import type { Batching, ModelVersionId } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import { ActiveRequest, type Piece, weightOf } from './active-request.js';
import { Admission, canceled, type QueueLoad } from './admission.js';
import { BatchSizing, type BatchSizingOptions, mostPieces } from './batch-sizing.js';
import { EngineRuns } from './engine-runs.js';
import type { MemoryBudget } from './memory-budget.js';
import { OpenRequests } from './open-requests.js';
import { RequestWatch } from './request-watch.js';
import { RetryQueue } from './retry-queue.js';
import type { ScheduledRequest, ScheduledResult } from './scheduled-request.js';
import { WaitingLine } from './waiting-line.js';

export interface BatchSchedulerOptions extends BatchSizingOptions {
  readonly id: ModelVersionId;
  readonly group: InstanceGroup;
  /** Rows that may wait; more are turned away. */
  readonly maxQueueRows: number;
  readonly budget: MemoryBudget;
  readonly shapeKey: (request: ScheduledRequest) => string;
  readonly observer: Required<ServingObserver>;
  /** The engine gave the model up. Called once, after every open request was failed. */
  readonly onFailed?: (reason: ServingError) => void;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
}

/**
 * The queue of one model version: takes validated requests, decides which of them run together and when, and
 * settles each exactly once. Never blocks: what cannot wait is refused at the door.
 */
export class BatchScheduler {
  readonly #options: BatchSchedulerOptions;
  readonly #now: () => number;
  readonly #admission: Admission;
  readonly #sizing: BatchSizing;
  readonly #waiting: WaitingLine;
  readonly #retries = new RetryQueue();
  readonly #open = new OpenRequests();
  readonly #runs: EngineRuns;
  #timer: NodeJS.Timeout | undefined;
  #tick: NodeJS.Immediate | undefined;
  #failure: ServingError | undefined;
  #onDrained: (() => void) | undefined;

  constructor(options: BatchSchedulerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#admission = new Admission(options, this.#now());
    this.#sizing = new BatchSizing(options);
    this.#waiting = new WaitingLine({ sizing: this.#sizing, group: options.group });
    this.#runs = new EngineRuns({
      ...options,
      now: this.#now,
      sizing: this.#sizing,
      admission: this.#admission,
      retries: this.#retries,
      onFree: () => this.#dispatch(),
    });
    options.group.onCapacity(() => this.#dispatch());
    options.group.onFailed((reason) => this.#failAll(reason));
  }

  /** Rows waiting to be sent to an engine. */
  get queuedRows(): number {
    return this.#waiting.rows;
  }

  /** Requests of which something still waits. */
  get queuedRequests(): number {
    let count = 0;
    for (const active of this.#open) if (active.waitingRows > 0) count++;
    return count;
  }

  /** Requests accepted and not settled yet. */
  get openRequests(): number {
    return this.#open.size;
  }

  /** Runs in an engine now. */
  get runningBatches(): number {
    return this.#runs.count;
  }

  /** What was given, until an answer shows that the model does not keep rows apart. */
  get batching(): Batching {
    return this.#sizing.batching;
  }

  /** Rows one run takes at most, as learned so far. */
  get maxBatchRows(): number {
    return this.#sizing.maxRows;
  }

  /** What `enqueue` would reject any request with now; undefined where it takes some. */
  refusal(): ServingError | undefined {
    return this.#failure ?? this.#admission.refusalOfAll(this.#load(this.#now()));
  }

  /** Completes with the answer, later; fails with a ServingError, at once where the request is not taken. */
  enqueue(request: ScheduledRequest, handler: CompletionHandler<ScheduledResult>): void {
    if (request.signal?.aborted) {
      // It has waited before it came here: for its turn, or to be read.
      this.#onCanceled('queue');
      handler.failed(canceled());
      return;
    }
    const nowMs = this.#now();
    const refusal = this.#failure ?? this.#admission.refusal(request, this.#load(nowMs));
    if (refusal === undefined) this.#take(request, handler, nowMs);
    else handler.failed(refusal);
  }

  #take(request: ScheduledRequest, handler: CompletionHandler<ScheduledResult>, nowMs: number): void {
    const pieceRows = this.#sizing.pieceRows(request);
    if (request.rows > pieceRows * mostPieces) {
      handler.failed(tooManyRows(request.rows, pieceRows));
      return;
    }
    const laneKey = this.#options.shapeKey(request);
    const active = new ActiveRequest(request, handler, { nowMs, laneKey, pieceRows, onSettled: this.#forget });
    if (this.#options.budget.tryReserve(active.bytes)) this.#accept(active, nowMs);
    else handler.failed(this.#admission.full('the memory for waiting tensors is used up', this.#load(nowMs)));
  }

  /** Resolves when every accepted request is settled. The caller sees to it that none comes any more. */
  drain(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  #load(nowMs: number): QueueLoad {
    return { queuedRows: this.#waiting.rows, maxBatchRows: this.#sizing.maxRows, nowMs };
  }

  #accept(active: ActiveRequest, nowMs: number): void {
    this.#waiting.add(active);
    this.#open.add(active);
    active.watch = RequestWatch.of(active, nowMs, this.#onCanceled);
    // Requests that arrive in one turn of the event loop leave in one batch.
    this.#tick ??= setImmediate(() => {
      this.#tick = undefined;
      this.#dispatch();
    });
  }

  /** Books a settled request off, whatever state it was in. */
  readonly #forget = (active: ActiveRequest): void => {
    this.#open.remove(active);
    this.#options.budget.release(active.bytes);
    this.#waiting.forget(active);
    if (this.#open.size === 0) this.#onDrained?.();
  };

  readonly #onCanceled = (where: 'queue' | 'flight'): void => {
    this.#options.observer.requestCanceled({ id: this.#options.id, where });
  };

  #dispatch(): void {
    clearTimeout(this.#timer);
    while (this.#options.group.hasCapacity && this.#startSomething());
  }

  #startSomething(): boolean {
    const retry = this.#retries.next({ othersWait: this.#waiting.rows > 0 });
    return retry === undefined ? this.#startNext() : this.#retry(retry);
  }

  /** A suspect waits until an instance is empty, and the others wait with it: it must not harm a neighbour. */
  #retry(piece: Piece): boolean {
    const isStarted = this.#runs.start({ pieces: [piece], reason: 'retry', rows: weightOf(piece.rows) });
    if (!isStarted) this.#retries.giveBack(piece);
    return isStarted;
  }

  #startNext(): boolean {
    const next = this.#waiting.next(this.#now());
    if ('lookAgainInMs' in next) {
      const { lookAgainInMs } = next;
      if (lookAgainInMs < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#dispatch(), lookAgainInMs);
      return false;
    }
    const isStarted = this.#runs.start(next.run);
    if (isStarted) this.#waiting.left(next);
    else this.#waiting.giveBack(next);
    return isStarted;
  }

  /** The engine gave the model up: whatever waits gets the reason, and so does whatever comes. */
  #failAll(reason: ServingError): void {
    this.#failure = reason;
    for (const active of [...this.#open]) active.fail(reason);
    this.#options.onFailed?.(reason);
  }
}

const tooManyRows = (rows: number, pieceRows: number): ServingError =>
  new ServingError(
    'INVALID_ARGUMENT',
    `the request has ${rows} rows and the model computes ${pieceRows} at a time: expected at most ${pieceRows * mostPieces}; send fewer rows in a request`,
  );
