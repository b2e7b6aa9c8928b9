import { constants, type ServerHttp2Stream } from 'node:http2';
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Verdict } from '../../access/access.js';
import { ServingError } from '../../core/serving-error.js';
import { ArrivedCall } from './arrived-call.js';
import { grpcFailure, trailersOf } from './grpc-failure.js';
import type { GrpcContext, GrpcMethod, NeededScope } from './grpc-method.js';
import { OpenCalls } from './open-calls.js';

export interface ArrivingCallsOptions {
  readonly context: Pick<GrpcContext, 'ids' | 'authenticate'>;
  readonly methods: readonly GrpcMethod[];
  /** A caller that sends nothing more of a message for so long is given up. */
  readonly stallTimeoutMs: number;
}

/** How long a message may take to arrive whole, as over HTTP. */
const arrivalTimeoutMs = 300_000;
const looks = 10;

/** What grpc-js keeps to itself: the stream of a call, and how far its message has come. */
interface CallOnStream extends ServerInterceptingCallInterface {
  readonly stream: ServerHttp2Stream;
  /** It waits for its caller to send. */
  readonly isReadPending: boolean;
  readonly decoder: {
    /** 0 between messages. */
    readonly readState: number;
    readonly readSizeRemaining: number;
    readonly readMessageRemaining: number;
  };
}

/** What is looked at of a call that is not there yet. */
interface Arrival {
  readonly call: CallOnStream;
  /** Between messages its caller may take its time. */
  readonly isStream: boolean;
  missing: string;
  looksWithoutProgress: number;
  looksAtMessage: number;
  isGivenUp: boolean;
}

/**
 * Calls until their messages are there. Who is not known is told so before anything of a message is read. What a caller
 * leaves half sent is given up, and not its connection: a gateway's has calls of others on it.
 */
export class ArrivingCalls {
  /** Those that are there, until they have ended. */
  readonly open = new OpenCalls();
  readonly #options: ArrivingCallsOptions;
  readonly #scopes: ReadonlyMap<string, NeededScope>;
  readonly #arrivals = new Set<Arrival>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: ArrivingCallsOptions) {
    this.#options = options;
    this.#scopes = new Map(options.methods.map(({ path, scope }) => [path, scope]));
    this.#timer = setInterval(() => this.#look(), options.stallTimeoutMs / looks).unref();
  }

  /** Without one, grpc-js would begin calls that ended while they arrived, and never say that they have ended. */
  readonly interceptor: ServerInterceptor = ({ path, requestStream: isStream }, base) => {
    const call = base as CallOnStream;
    const seen = { missing: '', looksWithoutProgress: 0, looksAtMessage: 0, isGivenUp: false };
    const arrival: Arrival = { call, isStream, ...seen };
    this.#arrivals.add(arrival);
    call.stream.once('close', () => this.#arrivals.delete(arrival));
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) =>
            this.#authenticate(path, call, metadata, () => {
              if (isStream) this.open.begin(call.stream);
              pass(metadata);
            }),
          onReceiveMessage: (message, pass) => {
            if (!isStream) this.open.begin(call.stream);
            arrival.looksAtMessage = 0;
            pass(message);
          },
        }),
    });
  };

  #authenticate(path: string, call: CallOnStream, metadata: Metadata, goOn: () => void): void {
    const { ids, authenticate } = this.#options.context;
    const scope = this.#scopes.get(path) as NeededScope;
    if (authenticate === undefined || scope === 'open') {
      goOn();
      return;
    }
    const [getPeer, getHost, getDeadline] = [() => call.getPeer(), () => call.getHost(), () => call.getDeadline()];
    const arrived = new ArrivedCall({ metadata, getPath: () => path, getPeer, getHost, getDeadline }, ids);
    const settle = (verdict: Verdict): void => {
      if (!(verdict instanceof ServingError)) {
        goOn();
        return;
      }
      fail(call, verdict, arrived.requestId);
      letNothingMoreCome(call);
    };
    const verdict = authenticate(arrived, { scope, action: path });
    if (verdict instanceof Promise) void verdict.then(settle);
    else settle(verdict);
  }

  #look(): void {
    for (const arrival of this.#arrivals) {
      // What was sent of a stream goes out first.
      if (arrival.isGivenUp) letNothingMoreCome(arrival.call);
      else if (this.#hasStalled(arrival)) {
        fail(arrival.call, halfSent, this.#options.context.ids.of({ headers: {} }));
        arrival.isGivenUp = true;
      }
    }
  }

  #hasStalled(arrival: Arrival): boolean {
    const { isReadPending, decoder } = arrival.call;
    const { readState, readSizeRemaining, readMessageRemaining } = decoder;
    const isHalfThere = isReadPending && (readState !== 0 || !arrival.isStream);
    const missing = isHalfThere ? `${readState} ${readSizeRemaining} ${readMessageRemaining}` : '';
    arrival.looksWithoutProgress = isHalfThere && missing === arrival.missing ? arrival.looksWithoutProgress + 1 : 0;
    arrival.looksAtMessage = isHalfThere ? arrival.looksAtMessage + 1 : 0;
    arrival.missing = missing;
    const mostLooks = (arrivalTimeoutMs / this.#options.stallTimeoutMs) * looks;
    return arrival.looksWithoutProgress >= looks || arrival.looksAtMessage >= mostLooks;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

const halfSent = new ServingError(
  'DEADLINE_EXCEEDED',
  'the message did not come whole; nothing came of it for too long',
);

const fail = (call: CallOnStream, error: ServingError, requestId: string): void =>
  call.sendStatus(grpcFailure(error, trailersOf(requestId)));

const letNothingMoreCome = ({ stream }: CallOnStream): void => stream.close(constants.NGHTTP2_NO_ERROR);
