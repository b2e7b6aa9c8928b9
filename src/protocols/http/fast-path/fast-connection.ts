import type { Socket } from 'node:net';
import type { Access, Verdict } from '../../../access/access.js';
import { ServingError } from '../../../core/serving-error.js';
import type { ResponseHold } from '../../../inference/held-responses.js';
import { CancelSignal } from '../../../inference/inference-call.js';
import type { RequestIds } from '../../call-headers.js';
import { bodyCutOff } from '../framework-error.js';
import { type CallConnection, HttpCall, type HttpCallSettings, type HttpPeer } from '../http-call.js';
import type { HttpResponse } from '../http-response.js';
import { watchForStall } from '../stalled-callers.js';
import type { FairStart, Starter } from './fair-start.js';
import type { PlainHead, PlainHeads, ResponseText } from './http-text.js';

export interface FastConnectionOptions {
  readonly heads: PlainHeads;
  readonly starts: FairStart;
  readonly ids: RequestIds;
  readonly calls: HttpCallSettings;
  /** Given where callers have to say who they are. */
  readonly access: Access | undefined;
  readonly responseText: ResponseText;
  readonly closing: Closing;
  /** 0 is for ever. */
  readonly keepAliveTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Head and body of a request here are no longer than this. */
  readonly maxRequestBytes: number;
  /** Gives the connection to Node's HTTP server, which reads it from where the bytes put back begin. */
  readonly handOver: (socket: Socket) => void;
  readonly onGone: (connection: FastConnection) => void;
}

/** What becomes of a server's connections. */
export interface Closing {
  /** Whether they are closed behind their next response, as the server is about to stop. */
  isClosing: boolean;
}

/** A request whose body is on its way. */
interface Arrival {
  readonly plain: PlainHead;
  readonly arrivedAt: number;
  /** How long it is waited for. */
  readonly timer: NodeJS.Timeout;
}

/** A request that has come whole. */
interface WholeRequest extends Pick<Arrival, 'plain' | 'arrivedAt'> {
  readonly body: Buffer;
}

const headEnd = '\r\n\r\n';
const noQuery = {};
/** Node's server takes 16 KiB; what is near it may be for Node to refuse. */
const maxHeadBytes = 8192;
/** How long a new connection may say nothing: as long as Node's server waits for a head. */
const firstRequestTimeoutMs = 60_000;
/** How long the rest of a body is waited for here; Node's server has limits of its own. */
const restTimeoutMs = 1000;

/**
 * A connection on which nothing but plain inference requests has come so far, one at a time. The first request that is
 * anything else takes the connection along to Node's HTTP server, for good.
 */
export class FastConnection implements CallConnection, Starter {
  readonly signal = new CancelSignal();
  readonly #socket: Socket;
  readonly #options: FastConnectionOptions;
  /** A request that is not whole, or what came behind one that is being answered. */
  #kept: Buffer | undefined;
  /** The one that is being answered. */
  #call: HttpCall | undefined;
  #hasResponded = false;
  /** When it was opened, or answered last. */
  #idleSinceMs = performance.now();
  #arrival: Arrival | undefined;
  /** A request that may not start yet. */
  #waiting: WholeRequest | undefined;

  constructor(socket: Socket, options: FastConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData).on('end', this.#onEnd);
    socket.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Ends the connection unless a request is on it. */
  closeIfIdle(): void {
    const isIdle = this.#call === undefined && this.#waiting === undefined && this.#kept === undefined;
    if (isIdle) this.#socket.destroy();
  }

  /** Ends the connection if it has had no request for too long. To be called now and then. */
  closeIfForgotten(nowMs: number): void {
    const limitMs = this.#hasResponded ? this.#options.keepAliveTimeoutMs : firstRequestTimeoutMs;
    if (limitMs > 0 && nowMs - this.#idleSinceMs >= limitMs) this.closeIfIdle();
  }

  get #peer(): HttpPeer {
    return { peerAddress: this.#socket.remoteAddress, httpVersion: '1.1' };
  }

  readonly #onData = (bytes: Buffer): void => {
    const all = this.#kept === undefined ? bytes : Buffer.concat([this.#kept, bytes]);
    if (this.#call === undefined && this.#waiting === undefined) this.#read(all);
    else {
      // A pipelined request has to wait, and its sender with it.
      this.#socket.pause();
      this.#kept = all;
    }
  };

  #read(bytes: Buffer): void {
    const headBytes = bytes.indexOf(headEnd, 0, 'latin1') + headEnd.length;
    const isHead = headBytes >= headEnd.length && headBytes <= maxHeadBytes;
    const plain = isHead
      ? this.#options.heads.find(bytes.toString('latin1', 0, headBytes - headEnd.length))
      : undefined;
    if (plain === undefined) {
      this.#handOver(bytes);
      return;
    }
    const requestBytes = headBytes + plain.head.bodyBytes;
    if (requestBytes > this.#options.maxRequestBytes) this.#handOver(bytes);
    else if (bytes.length < requestBytes) this.#awaitRest(bytes, plain);
    else {
      const arrivedAt = this.#arrival === undefined ? performance.now() : this.#endArrival(this.#arrival).arrivedAt;
      this.#kept = bytes.length === requestBytes ? undefined : bytes.subarray(requestBytes);
      const request = { plain, body: bytes.subarray(headBytes, requestBytes), arrivedAt };
      if (this.#options.starts.admits(this)) this.#serve(request);
      else this.#waiting = request;
    }
  }

  start(): void {
    const request = this.#waiting as WholeRequest;
    this.#waiting = undefined;
    this.#serve(request);
  }

  #awaitRest(bytes: Buffer, plain: PlainHead): void {
    this.#kept = bytes;
    if (this.#arrival !== undefined) return;
    const timer = setTimeout(() => this.#handOver(this.#kept ?? bytes), restTimeoutMs);
    this.#arrival = { plain, arrivedAt: performance.now(), timer };
  }

  #endArrival(arrival: Arrival): Arrival {
    clearTimeout(arrival.timer);
    this.#arrival = undefined;
    return arrival;
  }

  #serve(request: WholeRequest): void {
    const { head } = request.plain;
    const { ids, calls, access } = this.#options;
    const call = new HttpCall(ids.of(head), request.arrivedAt, head.path, head.headers, this, calls);
    this.#call = call;
    if (access === undefined) this.#begin(request, call);
    else this.#admit(access, request, call);
  }

  #begin({ plain: { head, route }, body }: WholeRequest, call: HttpCall): void {
    const { headers } = head;
    const { model, method } = route;
    const peer = this.#options.calls.tellsPeers ? this.#peer : undefined;
    if (model instanceof ServingError) call.failed(method.failed(model, call));
    else method.begin(model, call, { body, headers, query: noQuery, peer });
  }

  #admit(access: Access, request: WholeRequest, call: HttpCall): void {
    const { head, route } = request.plain;
    // Spelled out: to put it together of parts costs as much as the rest.
    const verdict = access.admit({
      scope: 'infer',
      action: 'infer',
      requestId: call.requestId,
      model: route.model instanceof ServingError ? undefined : route.model.name,
      headers: head.headers,
      peerAddress: this.#socket.remoteAddress,
      httpVersion: '1.1',
    });
    if (verdict instanceof Promise) void verdict.then((settled) => this.#settle(settled, request, call));
    else this.#settle(verdict, request, call);
  }

  #settle(verdict: Verdict, request: WholeRequest, call: HttpCall): void {
    if (verdict instanceof ServingError) {
      call.failed(request.plain.route.method.failed(verdict, call));
      return;
    }
    call.identify(verdict);
    this.#begin(request, call);
  }

  /** The response to the request that is on the connection. */
  send(reply: HttpResponse, hold?: ResponseHold): void {
    const call = this.#call as HttpCall;
    this.#call = undefined;
    const socket = this.#socket;
    if (!socket.writable) {
      hold?.release();
      return;
    }
    this.#hasResponded = true;
    this.#idleSinceMs = performance.now();
    const isLast = this.#options.closing.isClosing;
    const isFlushed = this.#options.responseText.write(socket, reply, call, isLast, hold?.release);
    const kept = this.#kept;
    if (!isFlushed) this.#cutWhenStalled();
    if (isLast) socket.end();
    else if (kept !== undefined) this.#handOver(kept);
    else if (!isFlushed) {
      // A caller who does not read its answers gets no further ones.
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  }

  destroy(cause: Error): void {
    this.#socket.destroy(cause);
  }

  /** Until all of the answer is taken. */
  #cutWhenStalled(): void {
    const socket = this.#socket;
    socket.once('drain', watchForStall(socket, socket, this.#options.stallTimeoutMs));
  }

  #handOver(bytes: Buffer): void {
    if (this.#arrival !== undefined) this.#endArrival(this.#arrival);
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd);
    socket.off('error', this.#onError).off('close', this.#onClose);
    this.#options.onGone(this);
    socket.unshift(bytes);
    this.#options.handOver(socket);
    socket.resume();
  }

  /** As Node's server has it, a caller that says it sends no more is gone. */
  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  readonly #onError = (): void => {
    // The socket closes, which is all there is to know.
  };

  readonly #onClose = (): void => {
    if (this.#arrival !== undefined) {
      const { plain, arrivedAt } = this.#endArrival(this.#arrival);
      const { head, route } = plain;
      const { ids, calls } = this.#options;
      const trace = calls.tracer?.begin({ transport: 'http', ...head, arrivedAt });
      const origin = { requestId: ids.of(head), arrivedAt, trace };
      route.method.failed(new ServingError('CANCELED', bodyCutOff), origin);
    }
    this.signal.abort();
    this.#options.onGone(this);
  };
}
