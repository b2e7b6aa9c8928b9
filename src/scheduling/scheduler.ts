import type { CallTrace } from '../core/call-trace.js';
import type { CallerSignal, CompletionHandler, InferenceResponse } from '../core/inference.js';
import type { Demand } from '../core/servable.js';
import type { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';

/** A validated request, as the scheduler takes it. */
export interface ScheduledRequest {
  /** The inputs present, in the signature's order. */
  readonly inputs: readonly NamedTensor[];
  /** Names of the outputs wanted, in the order of the answer. */
  readonly outputs: readonly string[];
  /** Length of the batch axis of every input that has one; 1 where the request is one thing. */
  readonly rows: number;
  /** False for a request that must not share a run or be cut (a parameter without batch axis is set, say). */
  readonly mergeable: boolean;
  /** Every row is a question of its own: where rows must not share a run, each runs by itself. */
  readonly separate?: boolean | undefined;
  readonly signal?: CallerSignal | undefined;
  /** `now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
  /** 1 is the highest and the default. */
  readonly priority?: number | undefined;
  /** Whose turn this counts against; callers take turns within a queue. */
  readonly caller?: string | undefined;
  /** Hears when the request is queued, and leaves the queue without a run. */
  readonly trace?: CallTrace | undefined;
}

export type ScheduledResult = Pick<InferenceResponse, 'outputs' | 'rows' | 'batchRows' | 'timings'>;

/** How full a scheduler is, now and at each later reading. */
export interface SchedulerLoad {
  /** Rows that wait to be sent to an engine. */
  readonly queuedRows: number;
  /** Requests of which something still waits. */
  readonly queuedRequests: number;
  /** Requests accepted and not settled yet. */
  readonly openRequests: number;
  /** Runs in an engine. */
  readonly runningBatches: number;
  /** What is asked for, and what could be computed. */
  demand(): Demand;
  /** What `enqueue` would reject any request with; undefined where it takes some. To be asked once for a request: it counts. */
  rejection(): ServingError | undefined;
}

/** Decides when the requests of one model version run, and which of them together. */
export interface Scheduler {
  /**
   * Never blocks. The handler hears the answer, or a ServingError, exactly once: of a request that is rejected, before the
   * call returns.
   */
  enqueue(request: ScheduledRequest, handler: CompletionHandler<ScheduledResult>): void;
  readonly load: SchedulerLoad;
  /** Resolves when every accepted request is settled. The caller sees to it that none comes any more. */
  drain(): Promise<void>;
}
