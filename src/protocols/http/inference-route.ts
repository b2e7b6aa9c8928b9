import type { FastifyReply, FastifyRequest, RouteShorthandOptionsWithHandler } from 'fastify';
import type { InferenceRequest, InferenceResponse } from '../../core/inference.js';
import type { InferenceService } from '../../core/inference-service.js';
import type { ModelVersionId, ServableDescription } from '../../core/model.js';
import type { ServingObserver } from '../../core/serving-observer.js';
import type { ConnectionSignals } from './connection-signals.js';
import type { ErrorAnswer } from './error-answer.js';
import { httpStatus } from './http-status.js';
import type { InferenceExchange } from './inference-exchange.js';
import { type ModelParams, selectorOf } from './model-selector.js';
import { requestPriority } from './request-priority.js';
import { deadline, requestTimeoutMs } from './request-timeout.js';
import { serverTiming } from './server-timing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` when the headers of an inference request had come. */
    arrivedAt: number;
    /** The version that an inference request was given to. */
    servable: ModelVersionId | undefined;
  }
}

export interface InferenceRouteOptions {
  readonly service: InferenceService;
  readonly observer: ServingObserver;
  readonly signals: ConnectionSignals;
  readonly errors: ErrorAnswer;
  /** For requests that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
  /** Header that tells callers apart, in lower case. */
  readonly callerHeader?: string | undefined;
}

/** Reads a request's body; throws INVALID_ARGUMENT saying what is wrong with it. */
export type ReadExchange = (request: FastifyRequest, description: ServableDescription) => InferenceExchange;

/**
 * The way of every inference request through HTTP: lease, read, infer, write, and exactly one
 * `requestFinished`, whatever happened.
 */
export class InferenceRoute {
  readonly #options: InferenceRouteOptions;
  readonly #protocol: string;

  constructor(protocol: string, options: InferenceRouteOptions) {
    this.#protocol = protocol;
    this.#options = options;
  }

  /** The parts of a Fastify route that answer with what `read` made of the request. */
  handle(read: ReadExchange): Pick<RouteShorthandOptionsWithHandler, 'onRequest' | 'handler' | 'errorHandler'> {
    return {
      onRequest: (request, _reply, done) => {
        request.arrivedAt = performance.now();
        done();
      },
      handler: (request, reply) => this.#infer(request, reply, read),
      errorHandler: (error, request, reply) => this.#fail(error, request, reply),
    };
  }

  async #infer(request: FastifyRequest, reply: FastifyReply, read: ReadExchange): Promise<Buffer> {
    using servable = this.#options.service.acquire(selectorOf(request.params as ModelParams));
    request.servable = servable.description.id;
    const exchange = read(request, servable.description);
    const response = await servable.infer(this.#inferenceRequest(request, exchange));
    const { body, headers } = exchange.answer(response);
    reply
      .headers(headers)
      .header('server-timing', serverTiming(response.timings))
      .header('x-model-version', String(response.id.version));
    this.#succeeded(request, response);
    return body;
  }

  #inferenceRequest(request: FastifyRequest, exchange: InferenceExchange): InferenceRequest {
    const { inputs, outputs } = exchange;
    const priority = exchange.priority ?? requestPriority(request.headers['x-request-priority']);
    const deadlineMs = deadline(request.arrivedAt, [
      requestTimeoutMs(request.headers['x-request-timeout-ms']) ?? this.#options.requestTimeoutMs,
      exchange.timeoutMs,
    ]);
    const { callerHeader } = this.#options;
    const header = callerHeader === undefined ? undefined : request.headers[callerHeader];
    const caller = typeof header === 'string' ? header : undefined;
    const signal = this.#options.signals.of(request.raw.socket);
    return { inputs, outputs, signal, deadlineMs, priority, caller };
  }

  #succeeded(request: FastifyRequest, response: InferenceResponse): void {
    this.#options.observer.requestFinished?.({
      id: response.id,
      protocol: this.#protocol,
      code: 'OK',
      status: 200,
      durationMs: performance.now() - request.arrivedAt,
      requestId: request.id,
      rows: response.rows,
      timings: response.timings,
    });
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { code } = this.#options.errors.send(error, reply);
    const id = request.servable;
    this.#options.observer.requestFinished?.({
      ...(id !== undefined && { id }),
      protocol: this.#protocol,
      code,
      status: httpStatus[code],
      durationMs: performance.now() - request.arrivedAt,
      requestId: request.id,
      error,
    });
  }
}
