import type { Socket } from 'node:net';
import type { CompletionHandler, InferenceRequest, InferenceResponse } from '../../core/inference.js';
import type { ServableHandle } from '../../core/inference-service.js';
import type { CodecThreads } from './codec-threads/codec-threads.js';
import type { Interest } from './codec-threads/while-wanted.js';
import type { ConnectionSignals } from './connection-signals.js';
import type { FinishedRequests } from './finished-requests.js';
import type { CallOrigin, HttpReply, InferenceCall, ReplyReceiver } from './inference-call.js';
import type { HttpAnswer, InferenceForm, InferenceReading } from './inference-form.js';
import { requestPriority } from './request-priority.js';
import { deadline, requestTimeoutMs } from './request-timeout.js';
import type { ResponseCompression } from './response-compression.js';
import { serverTiming } from './server-timing.js';

export interface ExchangeTools {
  readonly finished: FinishedRequests;
  readonly signals: ConnectionSignals;
  readonly threads: CodecThreads;
  readonly compression: ResponseCompression;
  /** For requests that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
  /** Header that tells callers apart, in lower case. */
  readonly callerHeader?: string | undefined;
}

/**
 * One inference request and its answer, under a lease: read, infer, write, and exactly one reply and one report, whatever
 * happened. While it waits it keeps nothing of the body, and waits as one object: there may be thousands.
 */
export class InferenceExchange implements CompletionHandler<InferenceResponse>, CallOrigin {
  readonly id: string;
  readonly arrivedAt: number;
  readonly #tools: ExchangeTools;
  readonly #form: InferenceForm;
  readonly #servable: ServableHandle;
  readonly #receiver: ReplyReceiver;
  readonly #headers: InferenceCall['headers'];
  readonly #socket: Socket;
  #wishes: unknown;

  constructor(
    tools: ExchangeTools,
    form: InferenceForm,
    servable: ServableHandle,
    call: InferenceCall,
    receiver: ReplyReceiver,
  ) {
    this.id = call.id;
    this.arrivedAt = call.arrivedAt;
    this.#tools = tools;
    this.#form = form;
    this.#servable = servable;
    this.#receiver = receiver;
    this.#headers = call.headers;
    this.#socket = call.socket;
  }

  /** To be called once. What is small is read at once: another thread, or a promise only, would cost it more than that. */
  begin(call: InferenceCall): void {
    try {
      if (this.#isLarge(call)) void this.#readElsewhere(call);
      else this.#infer(this.#form.read(call, this.#servable.description));
    } catch (error) {
      this.failed(error);
    }
  }

  #isLarge(call: InferenceCall): boolean {
    const { fromBytes } = this.#tools.threads;
    return call.body.length >= fromBytes && this.#form.readingBytes(call, this.#servable.description) >= fromBytes;
  }

  async #readElsewhere(call: InferenceCall): Promise<void> {
    try {
      const { threads } = this.#tools;
      this.#infer(await threads.read(this.#form, call, this.#servable.description, this.#interest()));
    } catch (error) {
      this.failed(error);
    }
  }

  #infer(reading: InferenceReading): void {
    this.#wishes = reading.wishes;
    this.#servable.infer(this.#inferenceRequest(reading), this);
  }

  #inferenceRequest({ inputs, outputs, priority, timeoutMs }: InferenceReading): InferenceRequest {
    const { callerHeader, signals } = this.#tools;
    const header = callerHeader === undefined ? undefined : this.#headers[callerHeader];
    return {
      inputs,
      outputs,
      signal: signals.of(this.#socket),
      deadlineMs: this.#deadline(timeoutMs),
      priority: priority ?? requestPriority(this.#headers['x-request-priority']),
      caller: typeof header === 'string' ? header : undefined,
    };
  }

  #interest(): Interest {
    return { signal: this.#tools.signals.of(this.#socket), deadlineMs: this.#deadline() };
  }

  #deadline(timeoutMs?: number): number | undefined {
    const limitMs = requestTimeoutMs(this.#headers['x-request-timeout-ms']) ?? this.#tools.requestTimeoutMs;
    return deadline(this.arrivedAt, [limitMs, timeoutMs]);
  }

  completed(response: InferenceResponse): void {
    try {
      const { fromBytes } = this.#tools.threads;
      if (this.#form.writingBytes(this.#wishes, response) >= fromBytes) void this.#writeElsewhere(response);
      else this.#written(response, this.#form.write(this.#wishes, response, this.#servable.description));
    } catch (error) {
      this.failed(error);
    }
  }

  async #writeElsewhere(response: InferenceResponse): Promise<void> {
    try {
      const { threads } = this.#tools;
      const { description } = this.#servable;
      this.#written(response, await threads.write(this.#form, this.#wishes, response, description, this.#interest()));
    } catch (error) {
      this.failed(error);
    }
  }

  #written(response: InferenceResponse, { headers, body }: HttpAnswer): void {
    const timing = { 'server-timing': serverTiming(response.timings), 'x-model-version': `${response.id.version}` };
    const reply = { status: 200, headers: Object.assign(timing, headers), body };
    if (body.length < this.#tools.compression.fromBytes) this.#succeed(response, reply);
    else void this.#compress(response, reply);
  }

  async #compress(response: InferenceResponse, reply: HttpReply): Promise<void> {
    try {
      this.#succeed(response, await this.#tools.compression.compress(reply, this.#headers['accept-encoding']));
    } catch (error) {
      this.failed(error);
    }
  }

  #succeed(response: InferenceResponse, reply: HttpReply): void {
    this.#tools.finished.succeeded(this, response);
    this.#end(reply);
  }

  failed(error: unknown): void {
    this.#end(this.#tools.finished.failed(error, this, this.#servable.description.id));
  }

  #end(reply: HttpReply): void {
    this.#servable[Symbol.dispose]();
    try {
      this.#receiver.reply(reply);
    } catch (error) {
      // A fault of ours; the caller learns at least that there will be no answer, and those who wait beside it get theirs.
      this.#socket.destroy(error as Error);
    }
  }
}
