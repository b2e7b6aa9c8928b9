import type { CallTrace } from './call-trace.js';
import type { BatchAxes, ModelVersionId } from './model.js';
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

/** Along which axes the rows of a request were laid; absent: along axis 0 of every input. */
export interface RowLayout {
  readonly axes?: BatchAxes | undefined;
}

export interface InferenceRequest {
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Output names wanted, in the order of the answer; absent means all. */
  readonly outputs?: readonly string[] | undefined;
  /**
   * Each row is a question of its own, to be answered as if it were asked alone: where rows influence each other, or may,
   * every one runs by itself. Absent: the tensors are one question, and run as they came unless rows are known to be
   * independent.
   */
  readonly separateRows?: RowLayout | undefined;
  /** Aborted when the caller is gone. */
  readonly signal?: CallerSignal | undefined;
  /** `performance.now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
  /** 1 is the highest. */
  readonly priority?: number | undefined;
  /** The graph's own, where the servable's is that of a task. */
  readonly signature?: 'tensors' | undefined;
  /** What a task is asked for beside its inputs. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  /** Whose turn the request counts against; callers take turns. */
  readonly caller?: string | undefined;
  /** Where calls are traced. */
  readonly trace?: CallTrace | undefined;
}

export interface InferenceTimings {
  /** From enqueued to sent to an engine. */
  readonly queueMs: number;
  /** From sent to an engine to its answer, as the worker saw it. */
  readonly batchMs: number;
  /** Inside the engine's run. */
  readonly computeMs: number;
  /** Before it was enqueued: making tensors of a task's inputs. */
  readonly prepareMs?: number;
}

/** What a task read of its inputs. */
export interface InferenceUsage {
  readonly tokens: number;
  /** Tokens that sequences were filled up with, for others of like length to share their runs. */
  readonly paddingTokens: number;
  /** Rows that were longer than the model reads, and were cut. */
  readonly truncatedRows: number;
}

export interface InferenceResponse {
  readonly id: ModelVersionId;
  /**
   * In the order that was asked for. To separate rows whose answers differ in shape, so that no tensor holds them all: the
   * outputs of the first rows, then those of the next ones, and so on, each list in that order.
   */
  readonly outputs: readonly NamedTensor[];
  /** Rows of the request (1 where it ran as one thing). */
  readonly rows: number;
  /** Rows of the largest batch that it ran in, other callers' included. */
  readonly batchRows: number;
  readonly timings: InferenceTimings;
  /** Of a task. */
  readonly usage?: InferenceUsage | undefined;
}
