import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpReply } from '../inference-call.js';

/** Answers of this status are all different, and may be large: none is kept. */
const success = 200;

/** What every answer repeats of its request. */
export interface RequestMarks {
  readonly id: string;
  readonly traceparent: string | undefined;
}

/** Writes replies as Node's own server does: with the date, and with what becomes of the connection. */
export class ReplyText {
  readonly #keptOpen: string;
  #lastReply: HttpReply | undefined;
  #lastLines = '';
  #date = '';
  #dateSecond = 0;

  /** `keepAliveTimeoutMs`: 0 is for ever. */
  constructor(keepAliveTimeoutMs: number) {
    const seconds = Math.floor(keepAliveTimeoutMs / 1000);
    this.#keptOpen = `Connection: keep-alive\r\n${seconds > 0 ? `Keep-Alive: timeout=${seconds}\r\n` : ''}`;
  }

  /** Whether the system took it all. The values of headers are this server's own, or were checked to be printable. */
  write(socket: Socket, reply: HttpReply, marks: RequestMarks, isLast: boolean): boolean {
    const { body } = reply;
    if (typeof body === 'string') {
      const bytes = Buffer.byteLength(body);
      const text = this.#head(reply, marks, bytes, isLast) + body;
      return socket.write(text, bytes === body.length ? 'latin1' : 'utf8');
    }
    socket.cork();
    socket.write(this.#head(reply, marks, body.length, isLast), 'latin1');
    const isFlushed = socket.write(body);
    socket.uncork();
    return isFlushed;
  }

  #head(reply: HttpReply, { id, traceparent }: RequestMarks, bytes: number, isLast: boolean): string {
    let head = `${this.#linesOf(reply, bytes)}x-request-id: ${id}\r\n`;
    if (traceparent !== undefined) head += `traceparent: ${traceparent}\r\n`;
    return `${head}Date: ${this.#now()}\r\n${isLast ? 'Connection: close\r\n' : this.#keptOpen}\r\n`;
  }

  /** What a reply says to whomever it goes: in a flood the same one goes to many. */
  #linesOf(reply: HttpReply, bytes: number): string {
    if (reply === this.#lastReply) return this.#lastLines;
    const { status, headers } = reply;
    let lines = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
    lines += `content-length: ${bytes}\r\n`;
    if (status !== success) {
      this.#lastReply = reply;
      this.#lastLines = lines;
    }
    return lines;
  }

  #now(): string {
    const nowMs = Date.now();
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(nowMs).toUTCString();
    }
    return this.#date;
  }
}
