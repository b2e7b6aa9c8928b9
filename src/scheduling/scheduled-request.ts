import type { CallerSignal, InferenceResponse } from '../core/inference.js';
import type { NamedTensor } from '../core/tensor.js';

/** A validated request, as the scheduler takes it. */
export interface ScheduledRequest {
  /** The inputs present, in the signature's order. */
  readonly inputs: readonly NamedTensor[];
  /** Names of the outputs wanted, in the order of the answer. */
  readonly outputs: readonly string[];
  /** Length of axis 0 of every input that has the batch axis; 1 where the model has none. */
  readonly rows: number;
  /** False for a request that must not share a run or be cut (a parameter without batch axis is set, say). */
  readonly mergeable: boolean;
  readonly signal?: CallerSignal | undefined;
  /** `now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
  /** 1 is the highest and the default. */
  readonly priority?: number | undefined;
  /** Whose turn this counts against; callers take turns within a queue. */
  readonly caller?: string | undefined;
}

export type ScheduledResult = Pick<InferenceResponse, 'outputs' | 'rows' | 'batchRows' | 'timings'>;
