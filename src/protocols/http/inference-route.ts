import type { FastifyRequest, RouteShorthandOptionsWithHandler } from 'fastify';
import type { InferenceRequest, InferenceResponse } from '../../core/inference.js';
import type { Awaitable, InferenceService, ServableHandle } from '../../core/inference-service.js';
import type { ModelVersionId } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';
import type { ServingObserver } from '../../core/serving-observer.js';
import type { CodecThreads } from './codec-threads/codec-threads.js';
import type { Interest } from './codec-threads/while-wanted.js';
import type { ConnectionSignals } from './connection-signals.js';
import type { ErrorAnswer } from './error-answer.js';
import { bodyCutOff } from './framework-error.js';
import type { CallOrigin, HttpReply, InferenceCall } from './inference-call.js';
import type { InferenceForm, InferenceReading, ModelFacts } from './inference-form.js';
import { type ModelParams, selectorOf } from './model-selector.js';
import { requestPriority } from './request-priority.js';
import { deadline, requestTimeoutMs } from './request-timeout.js';
import type { ResponseCompression } from './response-compression.js';
import { sendReply } from './send-reply.js';
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
  readonly threads: CodecThreads;
  readonly compression: ResponseCompression;
  /** For requests that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
  /** Header that tells callers apart, in lower case. */
  readonly callerHeader?: string | undefined;
}

/** An inference request of which Fastify has read the head. */
type UnreadRequest = FastifyRequest<{ Params: ModelParams }>;
type UnreadCall = CallOrigin & Pick<InferenceCall, 'params'>;

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
      handler: async (request, reply) => {
        sendReply(reply, await this.answer(request as ReadRequest, form));
        return reply;
      },
      // What is wrong before there is a whole request: its size, its type, a connection that ends.
      errorHandler: (error, request, reply) => {
        sendReply(reply, this.#failed(error, request, undefined));
      },
    };
  }

  /** Never fails. At once where the request is turned away unread: in a flood, most are. */
  answer(call: InferenceCall, form: InferenceForm): Awaitable<HttpReply> {
    const entry = this.#enter(call);
    return 'status' in entry ? entry : this.#infer(entry, call, form);
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
      const servable = this.#options.service.acquire(selectorOf(call.params));
      const refusal = servable.turnAway();
      if (refusal === undefined) return servable;
      const { id } = servable.description;
      servable[Symbol.dispose]();
      return this.#failed(refusal, call, id);
    } catch (error) {
      return this.#failed(error, call, undefined);
    }
  }

  async #infer(servable: ServableHandle, call: InferenceCall, form: InferenceForm): Promise<HttpReply> {
    const { description } = servable;
    const { id } = description;
    // Not `using`: what the compiler makes of it costs more than all the rest here.
    try {
      const { threads, compression } = this.#options;
      // What is small is dealt with at once: another promise would cost it more than that.
      const reading = isLargeBody(call, form, description, threads)
        ? await threads.read(form, call, description, this.#interest(call))
        : form.read(call, description);
      const response = await servable.infer(this.#inferenceRequest(call, reading));
      const { wishes } = reading;
      const { body, headers } =
        form.writingBytes(wishes, response) < threads.fromBytes
          ? form.write(wishes, response, description)
          : await threads.write(form, wishes, response, description, this.#interest(call));
      const timing = { 'server-timing': serverTiming(response.timings), 'x-model-version': `${response.id.version}` };
      const reply = { status: 200, headers: Object.assign(timing, headers), body };
      const accepted = call.headers['accept-encoding'];
      const sent = body.length < compression.fromBytes ? reply : await compression.compress(reply, accepted);
      this.#succeeded(call, response);
      return sent;
    } catch (error) {
      return this.#failed(error, call, id);
    } finally {
      servable[Symbol.dispose]();
    }
  }

  /** Counts a request whose body did not come whole. */
  cutOff(call: CallOrigin): void {
    this.#failed(new ServingError('CANCELED', bodyCutOff), call, undefined);
  }

  #interest(call: InferenceCall): Interest {
    return { signal: this.#options.signals.of(call.socket), deadlineMs: this.#deadline(call) };
  }

  #deadline(call: InferenceCall, timeoutMs?: number): number | undefined {
    const limitMs = requestTimeoutMs(call.headers['x-request-timeout-ms']) ?? this.#options.requestTimeoutMs;
    return deadline(call.arrivedAt, [limitMs, timeoutMs]);
  }

  #inferenceRequest(call: InferenceCall, reading: InferenceReading): InferenceRequest {
    const { inputs, outputs } = reading;
    const priority = reading.priority ?? requestPriority(call.headers['x-request-priority']);
    const deadlineMs = this.#deadline(call, reading.timeoutMs);
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
      id,
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

const isLargeBody = (
  call: InferenceCall,
  form: InferenceForm,
  model: ModelFacts,
  { fromBytes }: CodecThreads,
): boolean => call.body.length >= fromBytes && form.readingBytes(call, model) >= fromBytes;
