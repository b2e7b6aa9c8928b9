import type { FastifyReply, FastifyRequest, RouteShorthandOptionsWithHandler } from 'fastify';
import type { CallerSignal } from '../../core/inference.js';
import type { ModelSelector } from '../../core/model.js';
import type { CallOrigin } from '../../inference/call-context.js';
import type { ResponseHold } from '../../inference/held-responses.js';
import type { InferenceMethod, InferenceTools } from '../../inference/inference-method.js';
import type { ConnectionSignals } from './connection-signals.js';
import { fromFrameworkError } from './framework-error.js';
import {
  type CallConnection,
  HttpCall,
  type HttpCallSettings,
  type HttpContent,
  type HttpMessage,
  traceMark,
} from './http-call.js';
import { type HttpResponse, sendResponse } from './http-response.js';
import { type ModelParams, selectorOf } from './model-selector.js';
import { needs } from './route-access.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of an inference request, once its headers had come. */
    inferenceCall: HttpCall | null;
  }
}

export type HttpMethod = InferenceMethod<HttpMessage, HttpContent>;

/** What protocols need to let their callers infer over HTTP. */
export interface HttpInference {
  readonly tools: InferenceTools;
  readonly calls: HttpCallSettings;
  readonly signals: ConnectionSignals;
}

/** An inference request that Fastify has read whole. */
type WholeRequest = FastifyRequest<{ Params: ModelParams; Querystring: Record<string, unknown>; Body: Buffer }>;

const modelOf = ({ params }: FastifyRequest): ModelSelector => selectorOf(params as ModelParams);

/**
 * The parts of a Fastify route that make calls of a method of what comes there. `modelInBody`: for a path that names no
 * model; calls are not rejected before their body is read then.
 */
export function inferenceRoute(
  method: HttpMethod,
  { calls, signals }: Pick<HttpInference, 'calls' | 'signals'>,
  modelInBody?: (request: FastifyRequest) => ModelSelector,
): Pick<RouteShorthandOptionsWithHandler, 'config' | 'onRequest' | 'handler' | 'errorHandler'> {
  return {
    ...needs('infer'),
    onRequest: (request, reply, done) => {
      const connection = new FastifyConnection(reply, signals);
      const call = new HttpCall(request.id, performance.now(), pathOf(request), request.headers, connection, calls);
      if (request.principal?.id !== undefined) call.identify(request.principal);
      request.inferenceCall = call;
      if (modelInBody !== undefined) {
        done();
        return;
      }
      try {
        // Node reads past the body of what is answered here; nothing of it is kept.
        const rejection = method.rejection(modelOf(request), call);
        if (rejection === undefined) done();
        else call.failed(rejection);
      } catch (error) {
        done(error as Error);
      }
    },
    handler: (request) => {
      const { body, headers, query, inferenceCall, raw } = request as WholeRequest;
      const peer = { peerAddress: raw.socket.remoteAddress, httpVersion: raw.httpVersion };
      method.begin((modelInBody ?? modelOf)(request), inferenceCall as HttpCall, { body, headers, query, peer });
    },
    // What is wrong before there is a whole request: its path, its size, its type, a connection that ends.
    errorHandler: (error, request, reply) => {
      const origin = request.inferenceCall ?? unopened(request, calls);
      const response = calls.errors.responseTo(method.failed(fromFrameworkError(error), origin));
      sendResponse(reply.headers(traceMark(origin.trace)), response);
    },
  };
}

const pathOf = ({ url }: FastifyRequest): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** A call that ended before it was one, as its caller was not let in. */
function unopened(request: FastifyRequest, { tracer }: HttpCallSettings): CallOrigin {
  const { id: requestId, principal, headers } = request;
  const arrivedAt = performance.now();
  const trace = tracer?.begin({ transport: 'http', path: pathOf(request), headers, arrivedAt });
  return { requestId, arrivedAt, principal: principal ?? undefined, trace };
}

/** A connection on which Fastify sends. */
class FastifyConnection implements CallConnection {
  readonly #reply: FastifyReply;
  readonly #signals: ConnectionSignals;

  constructor(reply: FastifyReply, signals: ConnectionSignals) {
    this.#reply = reply;
    this.#signals = signals;
  }

  get signal(): CallerSignal {
    return this.#signals.of(this.#reply.request.raw.socket);
  }

  send(reply: HttpResponse, hold?: ResponseHold): void {
    sendResponse(this.#reply, reply, hold);
  }

  destroy(cause: Error): void {
    this.#reply.request.raw.socket.destroy(cause);
  }
}
