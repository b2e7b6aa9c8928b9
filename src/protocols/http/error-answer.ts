import type { FastifyReply } from 'fastify';
import { type ErrorCode, ServingError } from '../../core/serving-error.js';
import { fromFrameworkError } from './framework-error.js';
import { httpStatus } from './http-status.js';
import type { HttpReply } from './inference-call.js';
import { sendReply } from './send-reply.js';

/** Where failures that nobody foresaw are told with their cause. */
export interface ErrorLog {
  error(details: object, message: string): void;
}

export interface ErrorAnswerOptions {
  readonly logger: ErrorLog;
}

/** What a caller is told, and which kind of failure that is. */
export interface Told {
  readonly code: ErrorCode;
  readonly reply: HttpReply;
}

/** Turns whatever a request failed with into the one form every HTTP protocol here answers with. */
export class ErrorAnswer {
  readonly #options: ErrorAnswerOptions;
  /** In a flood the same failure is told again and again. */
  #last: { readonly error: ServingError; readonly told: Told } | undefined;

  constructor(options: ErrorAnswerOptions) {
    this.#options = options;
  }

  /** Sends `{"error": message}`. */
  send(error: unknown, reply: FastifyReply): void {
    sendReply(reply, this.answer(error, reply.request.id).reply);
  }

  answer(error: unknown, requestId: string): Told {
    if (this.#last !== undefined && this.#last.error === error) return this.#last.told;
    const known = this.#known(error) ?? this.#unforeseen(error, requestId);
    const told = tell(known);
    this.#last = { error: known, told };
    return told;
  }

  #known(error: unknown): ServingError | undefined {
    if (error instanceof ServingError) return error;
    return error instanceof Error ? fromFrameworkError(error) : undefined;
  }

  #unforeseen(error: unknown, requestId: string): ServingError {
    this.#options.logger.error({ err: error, requestId }, 'a request failed in a way nobody foresaw');
    return new ServingError('INTERNAL', `internal error; the server's log has it under request id ${requestId}`, {
      cause: error,
    });
  }
}

function tell(error: ServingError): Told {
  const retryAfterSeconds = retryAfter(error);
  const headers = {
    'content-type': 'application/json',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
  const body = JSON.stringify({ error: error.message });
  return { code: error.code, reply: { status: httpStatus[error.code], headers, body } };
}

/** Whole seconds, as the header wants them. */
function retryAfter(error: ServingError): number | undefined {
  if (error.retryAfterSeconds !== undefined) return Math.max(1, Math.ceil(error.retryAfterSeconds));
  return error.code === 'UNAVAILABLE' ? 1 : undefined;
}
