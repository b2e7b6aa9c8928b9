import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpReply } from '../inference-call.js';

/** What every answer repeats of its request. */
export interface RequestMarks {
  readonly id: string;
  readonly traceparent: string | undefined;
}

/** Writes replies as Node's own server does: with the date, and with what becomes of the connection. */
export class ReplyText {
  readonly #keptOpen: string;
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

  #head({ status, headers }: HttpReply, { id, traceparent }: RequestMarks, bytes: number, isLast: boolean): string {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nx-request-id: ${id}\r\n`;
    if (traceparent !== undefined) head += `traceparent: ${traceparent}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    return `${head}content-length: ${bytes}\r\nDate: ${this.#now()}\r\n${isLast ? 'Connection: close\r\n' : this.#keptOpen}\r\n`;
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
