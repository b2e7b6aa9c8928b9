import type {
  CallerListener,
  CallerSignal,
  CompletionHandler,
  InferenceRequest,
  InferenceResponse,
} from '../core/inference.js';
import type { ServableHandle } from '../core/inference-service.js';
import type { SignatureFacts } from '../core/model.js';
import { bytesOfAll } from '../core/tensor.js';
import type { Caller, CallReporter } from './call-context.js';
import type { CodecThreads } from './codec-threads/codec-threads.js';
import type { Interest } from './codec-threads/while-wanted.js';
import { countedFromBytes, type HeldResponses, type ResponseHold } from './held-responses.js';
import {
  type InferenceCodec,
  type InferenceReading,
  lengthOf,
  type Message,
  type WrittenMessage,
} from './inference-codec.js';

export interface CallTools<In extends Message, Out extends WrittenMessage> {
  readonly codec: InferenceCodec<In, Out>;
  readonly reports: CallReporter;
  readonly threads: CodecThreads;
  readonly responses: HeldResponses;
  /** For calls that bring no limit of their own; 0 is none. */
  readonly requestTimeoutMs: number;
}

/**
 * One call and its outcome, under a lease: read, infer, write, and exactly one outcome and one report, whatever happened.
 * While it waits it keeps nothing of the message, and waits as one object: there may be thousands.
 */
export class InferenceCall<In extends Message, Out extends WrittenMessage>
  implements CompletionHandler<InferenceResponse>
{
  readonly #tools: CallTools<In, Out>;
  readonly #servable: ServableHandle;
  readonly #caller: Caller<Out>;
  #wishes: unknown;
  #signature: InferenceReading['signature'];
  /** Where the answer is large. */
  #hold: ResponseHold | undefined;

  constructor(tools: CallTools<In, Out>, servable: ServableHandle, caller: Caller<Out>) {
    this.#tools = tools;
    this.#servable = servable;
    this.#caller = caller;
  }

  /** To be called once. What is small is read at once: another thread, or a promise only, would cost it more than that. */
  begin(message: In): void {
    this.#caller.trace?.preparing(performance.now());
    try {
      const { codec, threads } = this.#tools;
      const { description } = this.#servable;
      const isLarge =
        message.body.length >= threads.fromBytes && codec.readingBytes(message, description) >= threads.fromBytes;
      if (isLarge) void this.#readElsewhere(message);
      else this.#infer(codec.read(message, description));
    } catch (error) {
      this.failed(error);
    }
  }

  async #readElsewhere(message: In): Promise<void> {
    try {
      const { threads, codec } = this.#tools;
      this.#infer(await threads.read(codec, message, this.#servable.description, this.#interest()));
    } catch (error) {
      this.failed(error);
    }
  }

  #infer(reading: InferenceReading): void {
    const { inputs, outputs, separateRows, signature, parameters, priority, timeoutMs, wishes } = reading;
    this.#wishes = wishes;
    this.#signature = signature;
    const caller = this.#caller;
    const request: InferenceRequest = {
      inputs,
      outputs,
      separateRows,
      signature,
      parameters,
      signal: caller.signal,
      deadlineMs: this.#deadline(timeoutMs),
      priority: priority ?? caller.priority,
      caller: caller.caller,
      trace: caller.trace,
    };
    this.#servable.infer(request, this);
  }

  #interest(): Interest {
    return { signal: this.#caller.signal, deadlineMs: this.#deadline() };
  }

  /** The earliest of the limits that there are, as a moment of `performance.now()`. */
  #deadline(ofMessage = 0): number | undefined {
    const ofCall = this.#caller.timeoutMs ?? this.#tools.requestTimeoutMs;
    const limitMs = ofCall > 0 && ofMessage > 0 ? Math.min(ofCall, ofMessage) : Math.max(ofCall, ofMessage);
    return limitMs > 0 ? this.#caller.arrivedAt + limitMs : undefined;
  }

  completed(response: InferenceResponse): void {
    try {
      const { codec, threads, responses } = this.#tools;
      const bytes = bytesOfAll(response.outputs);
      if (bytes >= countedFromBytes) this.#hold = responses.hold(bytes);
      const isLarge = bytes >= threads.fromBytes && codec.writingBytes(this.#wishes, response) >= threads.fromBytes;
      if (isLarge) void this.#writeElsewhere(response);
      else this.#written(response, codec.write(this.#wishes, response, this.#facts));
    } catch (error) {
      this.failed(error);
    }
  }

  async #writeElsewhere(response: InferenceResponse): Promise<void> {
    try {
      const { threads, codec } = this.#tools;
      this.#written(response, await threads.write(codec, this.#wishes, response, this.#facts, this.#interest()));
    } catch (error) {
      this.failed(error);
    }
  }

  /** What the answer is written by. */
  get #facts(): SignatureFacts {
    const { description } = this.#servable;
    return this.#signature === undefined ? description : (description.tensors ?? description);
  }

  #written(response: InferenceResponse, written: Out): void {
    this.#hold?.resize(lengthOf(written));
    const smaller = this.#caller.compress?.(written);
    if (smaller === undefined) this.#succeed(response, written);
    else void this.#compress(response, smaller);
  }

  async #compress(response: InferenceResponse, smaller: Promise<Out>): Promise<void> {
    try {
      this.#succeed(response, await smaller);
    } catch (error) {
      this.failed(error);
    }
  }

  #succeed(response: InferenceResponse, written: Out): void {
    this.#tools.reports.succeeded(this.#caller, response);
    this.#servable[Symbol.dispose]();
    try {
      this.#caller.succeeded(written, response, this.#hold);
    } catch (error) {
      this.#abandon(error);
    }
  }

  failed(error: unknown): void {
    this.#hold?.release();
    const told = this.#tools.reports.failed(error, this.#caller, this.#servable.description.id);
    this.#servable[Symbol.dispose]();
    try {
      this.#caller.failed(told);
    } catch (fault) {
      this.#abandon(fault);
    }
  }

  /** Those who wait beside it get their answers. */
  #abandon(fault: unknown): void {
    this.#hold?.release();
    this.#caller.abandon(fault);
  }
}

/**
 * What a call needs of an AbortSignal, at a tenth of its cost: calls come and go by the thousand, and hardly ever is more
 * than one waiting on a connection. Aborted by whoever made it.
 */
export class CancelSignal implements CallerSignal {
  aborted = false;
  readonly #listeners: CallerListener[] = [];

  addEventListener(_type: 'abort', listener: CallerListener): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: CallerListener): void {
    const last = this.#listeners.pop();
    if (last === listener || last === undefined) return;
    const at = this.#listeners.indexOf(listener);
    if (at === -1) this.#listeners.push(last);
    else this.#listeners[at] = last;
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners.splice(0)) {
      if (typeof listener === 'function') listener();
      else listener.handleEvent();
    }
  }
}
