import type { Principal } from '../../../core/access.js';
import type { CallTrace } from '../../../core/call-trace.js';
import type { InferenceResponse } from '../../../core/inference.js';
import { ServingError } from '../../../core/serving-error.js';
import type { Caller } from '../../../inference/call-context.js';
import type { ResponseHold } from '../../../inference/held-responses.js';
import type { CancelSignal } from '../../../inference/inference-call.js';
import { priorityOf, timeoutOf } from '../../call-headers.js';
import type { ArrivedCall } from '../arrived-call.js';
import { type OutgoingMessage, PartedMessage } from '../wire/parted-message.js';
import type { GrpcResponse } from './infer-codec.js';

/** A call whose message has come. */
export interface ArrivedInference {
  readonly call: ArrivedCall;
  /** Aborted when it is canceled. */
  readonly signal: CancelSignal;
  readonly trace: CallTrace | undefined;
}

/** Where the one outcome of a call goes. */
export interface InferOutcome {
  /** `hold` is to be released when the caller has taken the response, or is gone. */
  succeeded(message: OutgoingMessage, hold: ResponseHold | undefined): void;
  failed(error: ServingError): void;
}

/** One inference call in gRPC's words: what its metadata says of it, and its outcome as a message or a status. */
export class InferCall implements Caller<GrpcResponse> {
  readonly requestId: string;
  readonly arrivedAt: number;
  /** Aborted when the call is canceled. */
  readonly signal: CancelSignal;
  readonly trace: CallTrace | undefined;
  principal: Principal | undefined;
  readonly #call: ArrivedCall;
  readonly #callerHeader: string | undefined;
  readonly #outcome: InferOutcome;

  constructor({ call, signal, trace }: ArrivedInference, callerHeader: string | undefined, outcome: InferOutcome) {
    this.requestId = call.requestId;
    this.arrivedAt = performance.now();
    this.signal = signal;
    this.trace = trace;
    this.#call = call;
    this.#callerHeader = callerHeader;
    this.#outcome = outcome;
  }

  /** The earlier of the call's deadline and what the header says. */
  get timeoutMs(): number | undefined {
    const ofHeader = timeoutOf(this.#call.headers['x-request-timeout-ms']);
    const left = this.#call.timeLeftMs;
    if (left === undefined) return ofHeader;
    const ofDeadline = left + performance.now() - this.arrivedAt;
    return ofHeader === undefined ? ofDeadline : Math.min(ofHeader, ofDeadline);
  }

  get priority(): number | undefined {
    return priorityOf(this.#call.headers['x-request-priority']);
  }

  get caller(): string | undefined {
    if (this.principal?.id !== undefined) return this.principal.id;
    return this.#callerHeader === undefined ? undefined : this.#call.headers[this.#callerHeader];
  }

  succeeded({ body, tail }: GrpcResponse, _response: InferenceResponse, hold?: ResponseHold): void {
    this.#outcome.succeeded(tail === undefined ? body : new PartedMessage([body, ...tail]), hold);
  }

  failed(error: ServingError): void {
    this.#outcome.failed(error);
  }

  abandon(cause: unknown): void {
    this.#outcome.failed(new ServingError('INTERNAL', 'the answer could not be sent', { cause }));
  }
}
