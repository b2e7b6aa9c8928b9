import type { Principal } from '../core/access.js';
import type { CallTrace } from '../core/call-trace.js';
import type { CallerSignal, InferenceResponse } from '../core/inference.js';
import type { ModelVersionId } from '../core/model.js';
import type { ServingError } from '../core/serving-error.js';
import type { ResponseHold } from './held-responses.js';

/** Which call it is, and since when. */
export interface CallOrigin {
  /** The caller's own id of it, or one made for it: comes back in the answer and stands in the log. */
  readonly requestId: string;
  /** `performance.now()` when its head had come. */
  readonly arrivedAt: number;
  /** Who calls, where callers have to say so. */
  readonly principal?: Principal | undefined;
  /** Where calls are traced. */
  readonly trace?: CallTrace | undefined;
}

/**
 * What a protocol knows of a call besides its message. A member throws INVALID_ARGUMENT where what the caller wrote for
 * it cannot be read; the call then fails with that.
 */
export interface CallContext extends CallOrigin {
  /** Aborted when the caller is gone: its connection closed, its stream was reset. */
  readonly signal: CallerSignal;
  /** How long after its arrival the caller stops waiting; undefined where it does not say. */
  readonly timeoutMs: number | undefined;
  /** 1 is the highest; undefined where it does not say. */
  readonly priority: number | undefined;
  /** Whose turn the call counts against. */
  readonly caller: string | undefined;
}

/**
 * Where the outcome of a call goes: one of the first two is called, once, perhaps before the call has begun altogether.
 * The report to the observers is made by then.
 */
export interface CallOutcome<Written> {
  /** `hold`: of the response's memory, where it is large; to be released when the caller has taken it, or is gone. */
  succeeded(written: Written, response: InferenceResponse, hold?: ResponseHold): void;
  failed(error: ServingError): void;
  /** One of the two threw, which is a fault of ours: the caller learns at least that no answer comes. */
  abandon(cause: unknown): void;
}

/** What a protocol hands over. */
export interface Caller<Written> extends CallContext, CallOutcome<Written> {
  /** Makes an answer smaller where the caller takes it so; undefined where it stays as it is. */
  compress?(written: Written): Promise<Written> | undefined;
}

/** Hears how each call ends, once. */
export interface CallReporter {
  succeeded(call: CallOrigin, response: InferenceResponse): void;
  /** `id`: absent when no loaded version took the call. Gives what the caller is told. */
  failed(error: unknown, call: CallOrigin, id?: ModelVersionId): ServingError;
}
