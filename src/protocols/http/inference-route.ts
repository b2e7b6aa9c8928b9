import type { FastifyRequest, RouteShorthandOptionsWithHandler } from 'fastify';
import type { InferenceRequest, InferenceResponse } from '../../core/inference.js';
import type { InferenceService } from '../../core/inference-service.js';
import type { ModelVersionId, ServableDescription } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';
import type { ServingObserver } from '../../core/serving-observer.js';
import type { ConnectionSignals } from './connection-signals.js';
import type { ErrorAnswer } from './error-answer.js';
import { bodyCutOff } from './framework-error.js';
import type { CallContent, CallOrigin, HttpReply, InferenceCall } from './inference-call.js';
import type { InferenceExchange } from './inference-exchange.js';
import { type ModelParams, selectorOf } from './model-selector.js';
import { requestPriority } from './request-priority.js';
import { deadline, requestTimeoutMs } from './request-timeout.js';
import { serverTiming } from './server-timing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` when the headers of an inference request had come. */
    arrivedAt: number;
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
export type ReadExchange = (call: CallContent, description: ServableDescription) => InferenceExchange;

/** An inference request that Fastify has read whole. */
type ReadRequest = FastifyRequest<{ Params: ModelParams; Querystring: Record<string, unknown>; Body: Buffer }>;

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
      handler: async (request, reply) => {
        const { status, headers, body } = await this.answer(request as ReadRequest, read);
        reply.code(status).headers(headers);
        return body;
      },
      // What is wrong before there is a whole request: its size, its type, a connection that ends.
      errorHandler: (error, request, reply) => {
        const { status, headers, body } = this.#failed(error, request, undefined);
        reply.code(status).headers(headers).send(body);
      },
    };
  }

  /** Never rejects. */
  async answer(call: InferenceCall, read: ReadExchange): Promise<HttpReply> {
    let id: ModelVersionId | undefined;
    try {
      using servable = this.#options.service.acquire(selectorOf(call.params));
      id = servable.description.id;
      const exchange = read(call, servable.description);
      const response = await servable.infer(this.#inferenceRequest(call, exchange));
      const { body, headers } = exchange.answer(response);
      this.#succeeded(call, response);
      return {
        status: 200,
        headers: {
          ...headers,
          'server-timing': serverTiming(response.timings),
          'x-model-version': String(response.id.version),
        },
        body,
      };
    } catch (error) {
      return this.#failed(error, call, id);
    }
  }

  /** Counts a request whose body did not come whole. */
  cutOff(call: CallOrigin): void {
    this.#failed(new ServingError('CANCELED', bodyCutOff), call, undefined);
  }

  #inferenceRequest(call: InferenceCall, exchange: InferenceExchange): InferenceRequest {
    const { inputs, outputs } = exchange;
    const priority = exchange.priority ?? requestPriority(call.headers['x-request-priority']);
    const deadlineMs = deadline(call.arrivedAt, [
      requestTimeoutMs(call.headers['x-request-timeout-ms']) ?? this.#options.requestTimeoutMs,
      exchange.timeoutMs,
    ]);
    const { callerHeader } = this.#options;
    const header = callerHeader === undefined ? undefined : call.headers[callerHeader];
    const caller = typeof header === 'string' ? header : undefined;
    const signal = this.#options.signals.of(call.socket);
    return { inputs, outputs, signal, deadlineMs, priority, caller };
  }

  #succeeded(call: InferenceCall, response: InferenceResponse): void {
    this.#options.observer.requestFinished?.({
      id: response.id,
      protocol: this.#protocol,
      code: 'OK',
      status: 200,
      durationMs: performance.now() - call.arrivedAt,
      requestId: call.id,
      rows: response.rows,
      timings: response.timings,
    });
  }

  #failed(error: unknown, { id: requestId, arrivedAt }: CallOrigin, id: ModelVersionId | undefined): HttpReply {
    const { code, reply } = this.#options.errors.answer(error, requestId);
    this.#options.observer.requestFinished?.({
      ...(id !== undefined && { id }),
      protocol: this.#protocol,
      code,
      status: reply.status,
      durationMs: performance.now() - arrivedAt,
      requestId,
      error,
    });
    return reply;
  }
}
