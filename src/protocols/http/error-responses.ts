import type { FastifyReply } from 'fastify';
import type { ServingError } from '../../core/serving-error.js';
import { type FailureLog, knownFailure } from '../../inference/inference-method.js';
import { denialHeaders } from './denial-headers.js';
import { fromFrameworkError } from './framework-error.js';
import { type HttpResponse, sendResponse } from './http-response.js';
import { httpStatus } from './http-status.js';

export interface ErrorResponsesOptions {
  readonly logger: FailureLog;
  /** A protocol's own words for some failures. */
  readonly words?: (error: ServingError) => ServingError;
  /** The JSON that tells one. Default: `{"error": message}`. */
  readonly form?: (error: ServingError) => object;
}

/** Turns whatever a request failed with into the one form every HTTP protocol here answers with. */
export class ErrorResponses {
  readonly #options: ErrorResponsesOptions;
  /** In a flood the same failure is told again and again. */
  #last: { readonly error: ServingError; readonly reply: HttpResponse } | undefined;

  constructor(options: ErrorResponsesOptions) {
    this.#options = options;
  }

  /** The same, for a protocol that says some things in other words. */
  inWords(words: (error: ServingError) => ServingError): ErrorResponses {
    return new ErrorResponses({ ...this.#options, words });
  }

  /** The same, for a protocol whose clients look for it in another form. */
  inForm(form: (error: ServingError) => object): ErrorResponses {
    return new ErrorResponses({ ...this.#options, form });
  }

  /** Sends a response for whatever was thrown. */
  send(error: unknown, reply: FastifyReply): void {
    const { logger, words } = this.#options;
    const known = knownFailure(fromFrameworkError(error), reply.request.id, logger);
    sendResponse(reply, this.responseTo(words?.(known) ?? known));
  }

  responseTo(error: ServingError): HttpResponse {
    if (this.#last?.error === error) return this.#last.reply;
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...(error.denial && denialHeaders(error.denial)),
    };
    const seconds = retryAfterSeconds(error);
    if (seconds !== undefined) headers['retry-after'] = String(seconds);
    const { form = usualForm } = this.#options;
    const reply = { status: httpStatus[error.code], headers, body: JSON.stringify(form(error)) };
    this.#last = { error, reply };
    return reply;
  }
}

const usualForm = ({ message }: ServingError): object => ({ error: message });

/** Whole seconds, as the header wants them. */
function retryAfterSeconds(error: ServingError): number | undefined {
  if (error.retryAfterSeconds === Number.POSITIVE_INFINITY) return undefined;
  if (error.retryAfterSeconds !== undefined) return Math.max(1, Math.ceil(error.retryAfterSeconds));
  return error.code === 'UNAVAILABLE' ? 1 : undefined;
}
