import type { ModelVersionId } from './model.js';
import type { NamedTensor, Tensor } from './tensor.js';

/** Tells when a caller is gone. An AbortSignal is one. */
export interface CallerSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: CallerListener): void;
  removeEventListener(type: 'abort', listener: CallerListener): void;
}

export type CallerListener = (() => void) | { handleEvent(): void };

/**
 * Hears how something ended: one of the two is called, once, perhaps before the call returns that it was given to. Neither
 * throws. What waits by the thousand waits like this: a promise and the function that awaits it are a dozen objects, which
 * the collector has to copy.
 */
export interface CompletionHandler<Result> {
  completed(result: Result): void;
  failed(error: unknown): void;
}

export interface InferenceRequest {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Output names wanted, in the order of the answer; absent means all. */
  readonly outputs?: readonly string[] | undefined;
  /** Aborted when the caller is gone. */
  readonly signal?: CallerSignal | undefined;
  /** `performance.now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
  /** 1 is the highest. */
  readonly priority?: number | undefined;
  /** Whose turn the request counts against; callers take turns. */
  readonly caller?: string | undefined;
}

export interface InferenceTimings {
  /** From enqueued to sent to an engine. */
  readonly queueMs: number;
  /** From sent to an engine to its answer, as the front saw it. */
  readonly batchMs: number;
  /** Inside the engine's run. */
  readonly computeMs: number;
}

export interface InferenceResponse {
  readonly id: ModelVersionId;
  readonly outputs: readonly NamedTensor[];
  /** Rows of the request (1 where the model has no batch axis). */
  readonly rows: number;
  /** Rows of the largest batch that it ran in, other callers' included. */
  readonly batchRows: number;
  readonly timings: InferenceTimings;
}
