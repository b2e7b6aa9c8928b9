import type { Socket } from 'node:net';
import type { HttpReply, ReplyReceiver } from '../inference-call.js';
import { type RequestIds, traceIdOf } from '../request-id.js';
import type { PlainHead, PlainHeads } from './plain-heads.js';
import type { ReplyText, RequestMarks } from './reply-text.js';
import type { RequestHead } from './request-head.js';
import type { Turns, TurnTaker } from './turns.js';

export interface FastConnectionOptions {
  readonly heads: PlainHeads;
  readonly turns: Turns;
  readonly ids: RequestIds;
  readonly replyText: ReplyText;
  /** Whether connections are to be closed behind their next answer. */
  readonly isClosing: () => boolean;
  /** 0 is for ever. */
  readonly keepAliveTimeoutMs: number;
  /** Head and body of a request here are no longer than this. */
  readonly maxRequestBytes: number;
  /** Gives the connection to Node's HTTP server, which reads it from where the bytes put back begin. */
  readonly handOver: (socket: Socket) => void;
  readonly onGone: (connection: FastConnection) => void;
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
export class FastConnection implements ReplyReceiver, TurnTaker {
  readonly #socket: Socket;
  readonly #options: FastConnectionOptions;
  /** A request that is not whole, or what came behind one that is being answered. */
  #kept: Buffer | undefined;
  /** Of the request that is being answered. */
  #marks: RequestMarks | undefined;
  #hasAnswered = false;
  /** When it was opened, or answered last. */
  #idleSinceMs = performance.now();
  #arrival: Arrival | undefined;
  /** A request whose turn has not come. */
  #waiting: WholeRequest | undefined;

  constructor(socket: Socket, options: FastConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData).on('end', this.#onEnd);
    socket.on('error', this.#onError).on('close', this.#onClose);
  }

  /** Ends the connection unless a request is on it. */
  closeIfIdle(): void {
    if (!this.#isBusy && this.#kept === undefined) this.#socket.destroy();
  }

  /** Ends the connection if it has had no request for too long. To be called now and then. */
  closeIfForgotten(nowMs: number): void {
    const limitMs = this.#hasAnswered ? this.#options.keepAliveTimeoutMs : firstRequestTimeoutMs;
    if (limitMs > 0 && nowMs - this.#idleSinceMs >= limitMs) this.closeIfIdle();
  }

  get #isBusy(): boolean {
    return this.#marks !== undefined || this.#waiting !== undefined;
  }

  readonly #onData = (bytes: Buffer): void => {
    const all = this.#kept === undefined ? bytes : Buffer.concat([this.#kept, bytes]);
    if (this.#isBusy) {
      // A pipelined request has to wait, and its sender with it.
      this.#socket.pause();
      this.#kept = all;
    } else this.#read(all);
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
      const arrivedAt = this.#endArrival()?.arrivedAt ?? performance.now();
      this.#kept = bytes.length === requestBytes ? undefined : bytes.subarray(requestBytes);
      const request = { plain, body: bytes.subarray(headBytes, requestBytes), arrivedAt };
      if (this.#options.turns.admits(this)) this.#answer(request);
      else this.#waiting = request;
    }
  }

  takeTurn(): void {
    const request = this.#waiting as WholeRequest;
    this.#waiting = undefined;
    this.#answer(request);
  }

  #awaitRest(bytes: Buffer, plain: PlainHead): void {
    this.#kept = bytes;
    if (this.#arrival !== undefined) return;
    const timer = setTimeout(() => this.#handOver(this.#kept ?? bytes), restTimeoutMs);
    this.#arrival = { plain, arrivedAt: performance.now(), timer };
  }

  #endArrival(): Arrival | undefined {
    const arrival = this.#arrival;
    if (arrival === undefined) return undefined;
    clearTimeout(arrival.timer);
    this.#arrival = undefined;
    return arrival;
  }

  #answer({ plain: { head, route }, body, arrivedAt }: WholeRequest): void {
    const { headers } = head;
    const id = this.#options.ids.of(head);
    this.#marks = { id, traceparent: validTraceparent(head) };
    route.answer({ id, params: route.params, query: noQuery, headers, body, socket: this.#socket, arrivedAt }, this);
  }

  /** The answer to the request that is on the connection. */
  reply(reply: HttpReply): void {
    const marks = this.#marks as RequestMarks;
    this.#marks = undefined;
    const socket = this.#socket;
    if (!socket.writable) return;
    this.#hasAnswered = true;
    this.#idleSinceMs = performance.now();
    const isLast = this.#options.isClosing();
    const isFlushed = this.#options.replyText.write(socket, reply, marks, isLast);
    const kept = this.#kept;
    if (isLast) socket.end();
    else if (kept !== undefined) this.#handOver(kept);
    else if (!isFlushed) {
      // A caller who does not read its answers gets no further ones.
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  }

  #handOver(bytes: Buffer): void {
    this.#endArrival();
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
    const cutOff = this.#endArrival();
    if (cutOff !== undefined) {
      const { head, route } = cutOff.plain;
      route.cutOff({ id: this.#options.ids.of(head), arrivedAt: cutOff.arrivedAt });
    }
    this.#options.onGone(this);
  };
}

function validTraceparent({ headers: { traceparent } }: RequestHead): string | undefined {
  return typeof traceparent === 'string' && traceIdOf(traceparent) !== undefined ? traceparent : undefined;
}
