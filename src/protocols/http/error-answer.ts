import type { FastifyReply } from 'fastify';
import { ServingError } from '../../core/serving-error.js';
import { fromFrameworkError } from './framework-error.js';
import { httpStatus } from './http-status.js';

/** Where failures that nobody foresaw are told with their cause. */
export interface ErrorLog {
  error(details: object, message: string): void;
}

export interface ErrorAnswerOptions {
  readonly bodyLimitBytes: number;
  readonly logger: ErrorLog;
}

/** Turns whatever a request failed with into the one form every HTTP protocol here answers with. */
export class ErrorAnswer {
  readonly #options: ErrorAnswerOptions;

  constructor(options: ErrorAnswerOptions) {
    this.#options = options;
  }

  /** Sends `{"error": message}`; returns what it told the caller. */
  send(error: unknown, reply: FastifyReply): ServingError {
    const told = this.#known(error) ?? this.#unforeseen(error, reply.request.id);
    const retryAfterSeconds = retryAfter(told);
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    reply
      .code(httpStatus[told.code])
      .header('content-type', 'application/json')
      .send(Buffer.from(JSON.stringify({ error: told.message })));
    return told;
  }

  #known(error: unknown): ServingError | undefined {
    if (error instanceof ServingError) return error;
    return error instanceof Error ? fromFrameworkError(error, this.#options.bodyLimitBytes) : undefined;
  }

  #unforeseen(error: unknown, requestId: string): ServingError {
    this.#options.logger.error({ err: error, requestId }, 'a request failed in a way nobody foresaw');
    return new ServingError('INTERNAL', `internal error; the server's log has it under request id ${requestId}`, {
      cause: error,
    });
  }
}

/** Whole seconds, as the header wants them. */
function retryAfter(error: ServingError): number | undefined {
  if (error.retryAfterSeconds !== undefined) return Math.max(1, Math.ceil(error.retryAfterSeconds));
  return error.code === 'UNAVAILABLE' ? 1 : undefined;
}
