import type { InferenceResponse } from '../core/inference.js';
import type { InferenceService, ServableHandle } from '../core/inference-service.js';
import type { ModelSelector, ModelVersionId } from '../core/model.js';
import { outOfMemory } from '../core/out-of-memory.js';
import { type ErrorCode, ServingError } from '../core/serving-error.js';
import type { ServingObserver } from '../core/serving-observer.js';
import type { Caller, CallOrigin, CallReporter } from './call-context.js';
import type { CodecThreads } from './codec-threads/codec-threads.js';
import type { HeldResponses } from './held-responses.js';
import { type CallTools, InferenceCall } from './inference-call.js';
import type { InferenceCodec, Message, WrittenMessage } from './inference-codec.js';

/** Where failures that nobody foresaw are told with their cause. */
export interface FailureLog {
  error(details: object, message: string): void;
}

/** What a protocol is to those who hear of its calls. */
export interface ProtocolFacts {
  /** As observers know it. */
  readonly name: string;
  /** What its callers are told, as a number. */
  readonly statuses: Readonly<Record<ErrorCode | 'OK', number>>;
  /** The failure in words that its clients look for. */
  readonly words?: (error: ServingError) => ServingError;
}

/** What the calls of all protocols share. */
export interface InferenceTools {
  readonly service: InferenceService;
  readonly observer: ServingObserver;
  readonly logger: FailureLog;
  readonly threads: CodecThreads;
  readonly responses: HeldResponses;
  /** For calls that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
}

export interface InferenceMethodOptions<In extends Message, Out extends WrittenMessage> {
  readonly tools: InferenceTools;
  readonly protocol: ProtocolFacts;
  readonly codec: InferenceCodec<In, Out>;
}

/** One way in which a protocol lets its callers infer: each call is rejected, or leased a version for and answered. */
export class InferenceMethod<In extends Message = Message, Out extends WrittenMessage = WrittenMessage> {
  readonly #service: InferenceService;
  readonly #reports: CallReports;
  readonly #tools: CallTools<In, Out>;

  constructor({ tools, protocol, codec }: InferenceMethodOptions<In, Out>) {
    const { service, observer, logger, ...others } = tools;
    this.#service = service;
    this.#reports = new CallReports({ protocol, observer, logger });
    this.#tools = { ...others, reports: this.#reports, codec };
  }

  /**
   * Early rejection: what a call gets that fails whatever its message says, so that the message need not be read. It is
   * reported then. Undefined where the call may go on.
   */
  rejection(model: ModelSelector, call: CallOrigin): ServingError | undefined {
    const entry = this.#enter(model, call);
    if (entry instanceof ServingError) return entry;
    entry[Symbol.dispose]();
    return undefined;
  }

  /** Never fails: whatever happens, the caller gets one outcome and the observers one report. */
  begin(model: ModelSelector, caller: Caller<Out>, message: In): void {
    const entry = this.#enter(model, caller);
    if (entry instanceof ServingError) tell(caller, entry);
    else new InferenceCall(this.#tools, entry, caller).begin(message);
  }

  /** Reports a call that failed before it could begin, as its message did not come whole, say. Gives what its caller is told. */
  failed(error: unknown, call: CallOrigin): ServingError {
    return this.#reports.failed(error, call);
  }

  /** The lease that the call is answered under, or what one is told that no model takes. */
  #enter(model: ModelSelector, call: CallOrigin): ServableHandle | ServingError {
    try {
      const servable = this.#service.acquire(model);
      const rejection = servable.earlyRejection();
      if (rejection === undefined) return servable;
      const { id } = servable.description;
      servable[Symbol.dispose]();
      return this.#reports.failed(rejection, call, id);
    } catch (error) {
      return this.#reports.failed(error, call);
    }
  }
}

function tell<Out>(caller: Caller<Out>, error: ServingError): void {
  try {
    caller.failed(error);
  } catch (fault) {
    caller.abandon(fault);
  }
}

export interface CallReportsOptions {
  readonly protocol: ProtocolFacts;
  readonly observer: ServingObserver;
  readonly logger: FailureLog;
}

/** Whatever a request failed with, as a fact that its caller may be told. What nobody foresaw is logged. */
export function knownFailure(error: unknown, requestId: string, logger: FailureLog): ServingError {
  if (error instanceof ServingError) return error;
  const known = outOfMemory(error);
  if (known !== undefined) return known;
  logger.error({ err: error, requestId }, 'a request failed in a way nobody foresaw');
  return new ServingError('INTERNAL', `internal error; the server's log has it under request id ${requestId}`, {
    cause: error,
  });
}

/** Reports how the calls of a protocol end. To be told of each once. */
export class CallReports implements CallReporter {
  readonly #options: CallReportsOptions;

  constructor(options: CallReportsOptions) {
    this.#options = options;
  }

  succeeded(
    { requestId, arrivedAt, principal, trace }: CallOrigin,
    { id, rows, timings, usage }: InferenceResponse,
  ): void {
    const { observer, protocol } = this.#options;
    observer.requestFinished?.({
      id,
      protocol: protocol.name,
      code: 'OK',
      status: protocol.statuses.OK,
      durationMs: performance.now() - arrivedAt,
      requestId,
      principal: principal?.id,
      trace,
      rows,
      timings,
    });
    const { prepareMs } = timings;
    if (prepareMs !== undefined) observer.inputsPrepared?.({ id, prepareMs, usage, trace });
  }

  failed(error: unknown, { requestId, arrivedAt, principal, trace }: CallOrigin, id?: ModelVersionId): ServingError {
    const { observer, protocol, logger } = this.#options;
    const known = knownFailure(error, requestId, logger);
    observer.requestFinished?.({
      id,
      protocol: protocol.name,
      code: known.code,
      status: protocol.statuses[known.code],
      durationMs: performance.now() - arrivedAt,
      requestId,
      principal: principal?.id,
      trace,
      error,
    });
    return protocol.words?.(known) ?? known;
  }
}
