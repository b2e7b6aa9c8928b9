import type { InferenceResponse } from '../../core/inference.js';
import type { ModelVersionId } from '../../core/model.js';
import type { ServingObserver } from '../../core/serving-observer.js';
import type { ErrorAnswer } from './error-answer.js';
import type { CallOrigin, HttpReply } from './inference-call.js';

export interface FinishedRequestsOptions {
  /** As observers know it. */
  readonly protocol: string;
  readonly observer: ServingObserver;
  readonly errors: ErrorAnswer;
}

/** Reports how the requests of a protocol end. To be told of each once. */
export class FinishedRequests {
  readonly #options: FinishedRequestsOptions;

  constructor(options: FinishedRequestsOptions) {
    this.#options = options;
  }

  succeeded({ id: requestId, arrivedAt }: CallOrigin, { id, rows, timings }: InferenceResponse): void {
    const { observer, protocol } = this.#options;
    observer.requestFinished?.({
      id,
      protocol,
      code: 'OK',
      status: 200,
      durationMs: performance.now() - arrivedAt,
      requestId,
      rows,
      timings,
    });
  }

  /** `id`: absent when no loaded version took the request. Gives what the caller is told. */
  failed(error: unknown, { id: requestId, arrivedAt }: CallOrigin, id?: ModelVersionId): HttpReply {
    const { observer, protocol, errors } = this.#options;
    const { code, reply } = errors.answer(error, requestId);
    observer.requestFinished?.({
      id,
      protocol,
      code,
      status: reply.status,
      durationMs: performance.now() - arrivedAt,
      requestId,
      error,
    });
    return reply;
  }
}
