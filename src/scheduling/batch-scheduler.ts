import type { CompletionHandler } from '../core/inference.js';
import type { Batch, BatchResult, InstanceGroup } from '../core/inference-engine.js';
import type { Batching, ModelVersionId } from '../core/model.js';
import type { Demand } from '../core/servable.js';
import type { ServingError } from '../core/serving-error.js';
import type { ServingEmitter } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { ActiveRequest, canceled, weightOf } from './active-request.js';
import { Admission } from './admission.js';
import type { Disproof } from './batch-run.js';
import { BatchSizing, type BatchSizingOptions } from './batch-sizing.js';
import { BatchVerifier } from './batch-verifier.js';
import { EngineRuns } from './engine-runs.js';
import { IdleRuns } from './idle-runs.js';
import { type MemoryBudget, OpenRequests } from './open-requests.js';
import { RequestQueue, type ShapeKey } from './request-queue.js';
import { RetryQueue } from './retry-policy.js';
import type { ScheduledRequest, ScheduledResult, Scheduler, SchedulerLoad } from './scheduler.js';

export interface BatchSchedulerOptions extends BatchSizingOptions {
  readonly id: ModelVersionId;
  readonly group: InstanceGroup;
  /** Rows that may wait; more are rejected. */
  readonly maxQueueRows: number;
  readonly budget: MemoryBudget;
  readonly shapeKey: ShapeKey;
  readonly observer: ServingEmitter;
  /** The engine gave the model up. Called once, after every open request was failed. */
  readonly onFailed?: (reason: ServingError) => void;
  /** Whether a row's output alone is what it was beside others; absent: answers are not checked. */
  readonly agree?: ((alone: NamedTensor, together: NamedTensor) => boolean) | undefined;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
}

/**
 * Requests run together in batches. What there is to start is decided once for each change: requests came (all of one turn
 * of the event loop at once, so that they leave in one batch), an instance is free, a delay is over, a run that ended left
 * something to repeat.
 */
export class BatchScheduler implements Scheduler, SchedulerLoad {
  /** How requests share runs, and how many rows one takes: as given, until a trial or a response shows something else. */
  readonly sizing: Readonly<Pick<BatchSizing, 'batching' | 'learned' | 'maxRows'>>;
  readonly #options: BatchSchedulerOptions;
  readonly #now: () => number;
  readonly #sizing: BatchSizing;
  readonly #admission: Admission;
  readonly #waiting: RequestQueue;
  readonly #retries = new RetryQueue();
  readonly #open: OpenRequests;
  readonly #runs: EngineRuns;
  readonly #verifier: BatchVerifier | undefined;
  readonly #idleRuns: IdleRuns;
  #timer: NodeJS.Timeout | undefined;
  #tick: NodeJS.Immediate | undefined;
  #failure: ServingError | undefined;

  constructor(options: BatchSchedulerOptions) {
    const { group, agree } = options;
    this.#options = options;
    this.#now = options.now ?? performance.now.bind(performance);
    this.#sizing = new BatchSizing(options);
    this.sizing = this.#sizing;
    this.#waiting = new RequestQueue({ sizing: this.#sizing, group });
    const shared = { ...options, now: this.#now, sizing: this.#sizing, onDisproof: this.#stopBatching };
    this.#admission = new Admission({ ...shared, curve: this.#sizing, queue: this.#waiting });
    this.#open = new OpenRequests({ ...options, waiting: this.#waiting });
    this.#idleRuns = new IdleRuns({ group, now: this.#now, onEnded: this.#onEnded });
    const somethingWaits = (): boolean => this.#waiting.rows > 0 || this.#retries.length > 0;
    this.#verifier = agree && new BatchVerifier({ ...shared, agree, somethingWaits });
    this.#runs = new EngineRuns({
      ...shared,
      drainRate: this.#admission.drainRate,
      retries: this.#retries,
      verifier: this.#verifier,
      onEnded: this.#onEnded,
    });
    group.onCapacity(this.#dispatch);
    group.onFailed((reason) => this.#failAll(reason));
  }

  get load(): SchedulerLoad {
    return this;
  }

  get queuedRows(): number {
    return this.#waiting.rows;
  }

  get queuedRequests(): number {
    return this.#open.queued;
  }

  get openRequests(): number {
    return this.#open.size;
  }

  get runningBatches(): number {
    return this.#runs.count;
  }

  rejection(): ServingError | undefined {
    return this.#failure ?? this.#admission.rejectionOfAll();
  }

  demand(): Demand {
    return this.#admission.demand();
  }

  /** From now on requests share runs in this way. */
  setBatching(batching: Batching): void {
    this.#sizing.setBatching(batching);
    this.#dispatch();
  }

  enqueue(request: ScheduledRequest, handler: CompletionHandler<ScheduledResult>): void {
    if (request.signal?.aborted) {
      // It has waited before it came here: for its turn, or to be read.
      this.#open.canceled('queue');
      handler.failed(canceled());
      return;
    }
    const sizing = this.#sizing;
    const nowMs = this.#now();
    const chunkRows = sizing.chunkRows(request);
    const rejection = this.#admission.rejection(request, nowMs) ?? sizing.rejection(request.rows, chunkRows);
    if (this.#failure !== undefined || rejection !== undefined) {
      handler.failed(this.#failure ?? rejection);
      return;
    }
    const { batching } = sizing;
    const active = new ActiveRequest(request, handler, {
      nowMs,
      shapeKey: this.#options.shapeKey(request, batching),
      axes: batching.axes,
      chunkRows,
      keeper: this.#open,
    });
    if (!this.#options.budget.tryReserve(active.bytes)) {
      handler.failed(this.#admission.overload('the memory for waiting tensors is used up', nowMs));
      return;
    }
    this.#open.add(active);
    request.trace?.queued(nowMs);
    this.#tick ??= setImmediate(this.#onTick);
  }

  /**
   * Runs what no caller waits for, when nothing else is to be done: a request may have to wait for one such run. Rejects
   * as `InstanceGroup.tryRun` does.
   */
  runIdle(batch: Batch, timeoutMs: number): Promise<BatchResult> {
    const result = this.#idleRuns.add(batch, timeoutMs);
    this.#tick ??= setImmediate(this.#onTick);
    return result;
  }

  /** Nothing more is run that no caller waits for. */
  stopIdleRuns(): void {
    this.#idleRuns.close();
  }

  drain(): Promise<void> {
    return this.#open.drain();
  }

  readonly #onTick = (): void => {
    this.#tick = undefined;
    this.#dispatch();
  };

  /** What waits for the instance alone that a run frees hears of it by the group. */
  readonly #onEnded = (): void => {
    if (this.#retries.length > 0 || this.#idleRuns.waiting.length > 0) this.#dispatch();
  };

  readonly #dispatch = (): void => {
    const { group } = this.#options;
    clearTimeout(this.#timer);
    // Before what waits, where it is due.
    if (this.#idleRuns.waiting.length > 0) {
      this.#idleRuns.start(this.#waiting.rows === 0 && this.#runs.count === 0 && group.idleInstances > 0);
    }
    while (this.#waiting.rows > 0 || this.#retries.length > 0) if (!group.hasCapacity || !this.#startNext()) return;
    if (this.#verifier?.sample !== undefined) this.#verifier.checkWhenQuiet();
  };

  /** What is to run again goes first; its caller has waited longest. */
  #startNext(): boolean {
    const othersWait = this.#waiting.rows > 0;
    const retry = this.#retries.length === 0 ? undefined : this.#retries.next({ othersWait });
    if (retry !== undefined) {
      // A suspect waits until an instance is empty, and the others wait with it: it must not harm a neighbour.
      const isStarted = this.#runs.start({ chunks: [retry], reason: 'retry', rows: weightOf(retry.rows) });
      if (!isStarted) this.#retries.giveBack(retry);
      return isStarted;
    }
    const next = this.#waiting.next(this.#now());
    if ('lookAgainInMs' in next) {
      const { lookAgainInMs } = next;
      if (lookAgainInMs < Number.POSITIVE_INFINITY) this.#timer = setTimeout(this.#dispatch, lookAgainInMs);
      return false;
    }
    const isStarted = this.#runs.start(next.run);
    if (isStarted) this.#waiting.left(next);
    else this.#waiting.giveBack(next);
    return isStarted;
  }

  /** From now on requests run one at a time, as they came, and so does whatever is open: what ran together is not believed. */
  readonly #stopBatching = ({ reason, axes }: Disproof): void => {
    if (this.#sizing.batching.kind === 'none') return;
    this.#sizing.stopBatching(reason, axes);
    this.#verifier?.stop();
    this.#options.observer.batchingStopped({ id: this.#options.id, reason });
    for (const active of this.#open.mergeable()) this.#beginAnew(active);
    this.#dispatch();
  };

  #beginAnew(active: ActiveRequest): void {
    const chunkRows = this.#sizing.chunkRows(active.request);
    const rejection = this.#sizing.rejection(active.request.rows, chunkRows);
    this.#waiting.forget(active);
    if (rejection !== undefined) {
      active.fail(rejection);
      return;
    }
    active.cutAnew(chunkRows);
    this.#waiting.add(active);
  }

  /** The engine gave the model up: whatever waits gets the reason, and so does whatever comes. */
  #failAll(reason: ServingError): void {
    this.#failure = reason;
    this.#verifier?.stop();
    this.#idleRuns.close(reason);
    this.#open.failAll(reason);
    this.#options.onFailed?.(reason);
  }
}
