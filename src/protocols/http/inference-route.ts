import type { FastifyRequest, RouteShorthandOptionsWithHandler } from 'fastify';
import type { InferenceService, ServableHandle } from '../../core/inference-service.js';
import { ServingError } from '../../core/serving-error.js';
import type { ServingObserver } from '../../core/serving-observer.js';
import type { ErrorAnswer } from './error-answer.js';
import { FinishedRequests } from './finished-requests.js';
import { bodyCutOff } from './framework-error.js';
import type { CallOrigin, HttpReply, InferenceCall, ReplyReceiver } from './inference-call.js';
import { type ExchangeTools, InferenceExchange } from './inference-exchange.js';
import type { InferenceForm } from './inference-form.js';
import { type ModelParams, selectorOf } from './model-selector.js';
import { sendReply } from './send-reply.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` when the headers of an inference request had come. */
    arrivedAt: number;
  }
}

export interface InferenceRouteOptions extends Omit<ExchangeTools, 'finished'> {
  readonly service: InferenceService;
  readonly observer: ServingObserver;
  readonly errors: ErrorAnswer;
}

/** An inference request of which Fastify has read the head. */
type UnreadRequest = FastifyRequest<{ Params: ModelParams }>;
type UnreadCall = CallOrigin & Pick<InferenceCall, 'params'>;

/** An inference request that Fastify has read whole. */
type ReadRequest = FastifyRequest<{ Params: ModelParams; Querystring: Record<string, unknown>; Body: Buffer }>;

/** The way of every inference request into a protocol: turned away, or leased a version for and answered. */
export class InferenceRoute {
  readonly #service: InferenceService;
  readonly #finished: FinishedRequests;
  readonly #tools: ExchangeTools;

  constructor(protocol: string, { service, observer, errors, ...tools }: InferenceRouteOptions) {
    this.#service = service;
    this.#finished = new FinishedRequests({ protocol, observer, errors });
    this.#tools = { ...tools, finished: this.#finished };
  }

  /** The parts of a Fastify route that answer in a form. */
  handle(form: InferenceForm): Pick<RouteShorthandOptionsWithHandler, 'onRequest' | 'handler' | 'errorHandler'> {
    return {
      onRequest: (request, reply, done) => {
        request.arrivedAt = performance.now();
        // Node reads past the body of what is answered here; nothing of it is kept.
        const refusal = this.#refusal(request as UnreadRequest);
        if (refusal === undefined) done();
        else sendReply(reply, refusal);
      },
      handler: (request, reply) => {
        this.answer(request as ReadRequest, form, { reply: (answer) => sendReply(reply, answer) });
      },
      // What is wrong before there is a whole request: its size, its type, a connection that ends.
      errorHandler: (error, request, reply) => {
        sendReply(reply, this.#finished.failed(error, request));
      },
    };
  }

  /** Never fails. */
  answer(call: InferenceCall, form: InferenceForm, receiver: ReplyReceiver): void {
    const entry = this.#enter(call);
    if ('status' in entry) receiver.reply(entry);
    else new InferenceExchange(this.#tools, form, entry, call, receiver).begin(call);
  }

  /** Counts a request whose body did not come whole. */
  cutOff(call: CallOrigin): void {
    this.#finished.failed(new ServingError('CANCELED', bodyCutOff), call);
  }

  /** What a request gets whose body need not be read. */
  #refusal(call: UnreadCall): HttpReply | undefined {
    const entry = this.#enter(call);
    if ('status' in entry) return entry;
    entry[Symbol.dispose]();
    return undefined;
  }

  /** The lease that the request is answered under, or the reply to one that no model takes. */
  #enter(call: UnreadCall): ServableHandle | HttpReply {
    try {
      const servable = this.#service.acquire(selectorOf(call.params));
      const refusal = servable.turnAway();
      if (refusal === undefined) return servable;
      const { id } = servable.description;
      servable[Symbol.dispose]();
      return this.#finished.failed(refusal, call, id);
    } catch (error) {
      return this.#finished.failed(error, call);
    }
  }
}
