import type { Metadata, ServerDuplexStream } from '@grpc/grpc-js';
import type { CallTrace } from '../../../core/call-trace.js';
import { ServingError } from '../../../core/serving-error.js';
import type { ResponseHold } from '../../../inference/held-responses.js';
import { CancelSignal } from '../../../inference/inference-call.js';
import { ArrivedCall } from '../arrived-call.js';
import { grpcFailure, trailersOf } from '../grpc-failure.js';
import type { GrpcContext, GrpcMethod } from '../grpc-method.js';
import type { OpenStreams } from '../grpc-server.js';
import type { StalledCallers } from '../stalled-callers.js';
import { MessageWriter } from '../wire/message-writer.js';
import { type OutgoingMessage, PartedMessage } from '../wire/parted-message.js';
import { readRequestId } from './infer-message.js';
import type { Inferences } from './inferences.js';

export interface InferStreamsOptions {
  readonly path: string;
  readonly context: GrpcContext;
  readonly inferences: Inferences;
  readonly stalls: StalledCallers;
}

type Source = ServerDuplexStream<Buffer, OutgoingMessage>;

/** `ModelStreamInfer`: as many requests as a caller likes, each answered in its turn; what is wrong with one ends no other. */
export class InferStreams implements OpenStreams {
  readonly method: GrpcMethod;
  readonly #options: InferStreamsOptions;
  readonly #open = new Set<InferStream>();

  constructor(options: InferStreamsOptions) {
    this.#options = options;
    this.method = { path: options.path, scope: 'infer', kind: 'bidi', handle: (source) => this.#begin(source) };
  }

  #begin(source: Source): void {
    const stream = new InferStream(source, this.#options);
    this.#open.add(stream);
    source.once('cancelled', () => this.#open.delete(stream));
  }

  drain(): void {
    // Its connection is told already.
  }

  close(): void {
    for (const stream of this.#open) stream.stop();
  }
}

/** What one request came to, in the order of the requests; empty until it has ended. */
interface Turn {
  response?: { readonly message: OutgoingMessage; readonly hold: ResponseHold | undefined };
}

/** So many requests of one stream are under way at a time; the caller's further ones wait with it. */
const mostTurns = 64;

class InferStream {
  readonly #options: InferStreamsOptions;
  readonly #source: Source;
  readonly #call: ArrivedCall;
  readonly #signal = new CancelSignal();
  readonly #turns: Turn[] = [];
  /** Of the latest request. */
  #trace: CallTrace | undefined;
  #isFull = false;
  #hasEnded = false;
  #isStopping = false;

  constructor(source: Source, options: InferStreamsOptions) {
    this.#options = options;
    this.#source = source;
    this.#call = new ArrivedCall(source, options.context.ids);
    source.on('data', (body: Buffer) => this.#take(body));
    source.once('end', () => {
      this.#hasEnded = true;
      this.#goOn();
    });
    source.on('drain', () => {
      this.#isFull = false;
      this.#goOn();
    });
    source.once('cancelled', () => {
      if (!this.#call.isOverdue) this.#signal.abort();
      for (const { response } of this.#turns) response?.hold?.release();
    });
  }

  /** Takes no further request, answers those that it has, and ends. */
  stop(): void {
    this.#isStopping = true;
    this.#source.pause();
    this.#goOn();
  }

  #take(body: Buffer): void {
    const turn: Turn = {};
    this.#turns.push(turn);
    if (this.#turns.length >= mostTurns) this.#source.pause();
    const { inferences } = this.#options;
    this.#trace = inferences.trace(this.#call);
    const arrived = { call: this.#call, signal: this.#signal, trace: this.#trace };
    inferences.begin(arrived, body, {
      succeeded: (message, hold) => this.#settle(turn, { message: inStream(message), hold }),
      failed: (error) => this.#settle(turn, { message: failureOf(error, readRequestId(body)), hold: undefined }),
    });
  }

  #settle(turn: Turn, response: NonNullable<Turn['response']>): void {
    if (this.#source.cancelled) response.hold?.release();
    turn.response = response;
    this.#goOn();
  }

  /** Sends what is next, as long as the caller takes it. */
  #goOn(): void {
    for (let first = this.#turns[0]; first?.response !== undefined && !this.#isFull; first = this.#turns[0]) {
      this.#turns.shift();
      const { message, hold } = first.response;
      if (hold === undefined) this.#isFull = !this.#source.write(message);
      else {
        const taken = this.#options.stalls.watch(this.#source, hold);
        this.#isFull = !this.#source.write(message, taken);
      }
    }
    if (this.#turns.length > 0) {
      if (this.#turns.length < mostTurns && !this.#isStopping) this.#source.resume();
      return;
    }
    if (this.#isStopping && !this.#hasEnded)
      this.#end(new ServingError('UNAVAILABLE', 'the server is stopping; call another'));
    else if (this.#hasEnded) this.#source.end(this.#trailers());
    else this.#source.resume();
  }

  #end(error: ServingError): void {
    this.#source.emit('error', grpcFailure(error, this.#trailers()));
  }

  #trailers(): Metadata {
    const trailers = trailersOf(this.#call.requestId, this.#trace);
    this.#options.context.loadReport?.addTo(trailers, this.#call);
    return trailers;
  }
}

/** A `ModelStreamInferResponse` with a `ModelInferResponse` in it. */
function inStream(response: OutgoingMessage): OutgoingMessage {
  const begin = new MessageWriter().beforeBytes(2, response.byteLength).finish();
  return response instanceof PartedMessage ? response.behind(begin) : new PartedMessage([begin, response]);
}

/** With the request's id, by which its caller knows which one it was. */
const failureOf = ({ message }: ServingError, id: string): Buffer =>
  new MessageWriter().string(1, message).message(2, new MessageWriter().string(3, id)).finish();
