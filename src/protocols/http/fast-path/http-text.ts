import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { traceIdOf } from '../../call-headers.js';
import type { HttpCall } from '../http-call.js';
import type { HttpResponse } from '../http-response.js';
import type { FastRoutes, FoundRoute } from './fast-routes.js';
import { type RequestHead, readHead } from './request-head.js';

/** A head that the fast path deals with, and who answers it. */
export interface PlainHead {
  readonly head: RequestHead;
  readonly route: FoundRoute;
}

/** Heads remembered are at least so many and at most twice as many. */
const generationSize = 64;

/**
 * What heads mean. Callers send the same few again and again, over all their connections: those seen last are not read
 * again. There are two generations, of which the older is dropped whole, since a Map whose entries come and go one by
 * one is copied over and over.
 */
export class PlainHeads {
  readonly #routes: FastRoutes;
  #lastText = '';
  #last: PlainHead | undefined;
  #young = new Map<string, PlainHead>();
  #old: ReadonlyMap<string, PlainHead> = new Map();

  constructor(routes: FastRoutes) {
    this.#routes = routes;
  }

  /** `text`: without the empty line at its end. Undefined: not for the fast path. */
  find(text: string): PlainHead | undefined {
    if (text !== this.#lastText) {
      this.#last = this.#young.get(text) ?? this.#older(text);
      this.#lastText = text;
    }
    return this.#last;
  }

  #older(text: string): PlainHead | undefined {
    const found = this.#old.get(text) ?? this.#read(text);
    if (found !== undefined) this.#remember(text, found);
    return found;
  }

  #read(text: string): PlainHead | undefined {
    const head = readHead(text);
    const route = head && this.#routes.find(head);
    return route && { head, route };
  }

  #remember(text: string, head: PlainHead): void {
    if (this.#young.size === generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, head);
  }
}

/** Answers of this status are all different, and may be large: none is kept. */
const success = 200;

/** What every answer repeats of its request. */
type RequestMarks = Pick<HttpCall, 'requestId' | 'headers'>;

/** Writes responses as Node's own server does: with the date, and with what becomes of the connection. */
export class ResponseText {
  readonly #keptOpen: string;
  #lastResponse: HttpResponse | undefined;
  #lastLines = '';
  #date = '';
  #dateSecond = 0;

  /** `keepAliveTimeoutMs`: 0 is for ever. */
  constructor(keepAliveTimeoutMs: number) {
    const seconds = Math.floor(keepAliveTimeoutMs / 1000);
    this.#keptOpen = `Connection: keep-alive\r\n${seconds > 0 ? `Keep-Alive: timeout=${seconds}\r\n` : ''}`;
  }

  /** Whether little or nothing waits for the system; `onTaken` hears when it took all, or when the caller is gone. The values of headers are this server's own, or were checked to be printable. */
  write(socket: Socket, response: HttpResponse, marks: RequestMarks, isLast: boolean, onTaken?: () => void): boolean {
    const { body } = response;
    if (typeof body === 'string') {
      const bytes = Buffer.byteLength(body);
      const text = this.#head(response, marks, bytes, isLast) + body;
      return socket.write(text, bytes === body.length ? 'latin1' : 'utf8', onTaken);
    }
    socket.cork();
    socket.write(this.#head(response, marks, body.length, isLast), 'latin1');
    const isFlushed = socket.write(body, onTaken);
    socket.uncork();
    return isFlushed;
  }

  #head(response: HttpResponse, { requestId, headers }: RequestMarks, bytes: number, isLast: boolean): string {
    let head = this.#lastLines;
    if (response !== this.#lastResponse) {
      const { status } = response;
      head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
      for (const name in response.headers) head += `${name}: ${response.headers[name]}\r\n`;
      head += `content-length: ${bytes}\r\n`;
      // What a response says to whomever it goes: in a flood the same one goes to many.
      if (status !== success) {
        this.#lastResponse = response;
        this.#lastLines = head;
      }
    }
    head += `x-request-id: ${requestId}\r\n`;
    const { traceparent } = headers;
    if (traceparent !== undefined && traceIdOf(traceparent) !== undefined) head += `traceparent: ${traceparent}\r\n`;
    const nowMs = Date.now();
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(nowMs).toUTCString();
    }
    return `${head}Date: ${this.#date}\r\n${isLast ? 'Connection: close\r\n' : this.#keptOpen}\r\n`;
  }
}
