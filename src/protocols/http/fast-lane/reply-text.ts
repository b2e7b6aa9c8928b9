import { STATUS_CODES } from 'node:http';
import type { HttpReply } from '../inference-call.js';

/** What every answer repeats of its request. */
export interface RequestMarks {
  readonly id: string;
  readonly traceparent: string | undefined;
}

/** A shorter body is copied behind its head: cheaper than a second buffer in the system call. */
const longestCopied = 16_384;

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

  /** Head and body, in order. The values of headers are this server's own, or were checked to be printable. */
  write({ status, headers, body }: HttpReply, { id, traceparent }: RequestMarks, isLast: boolean): readonly Buffer[] {
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nx-request-id: ${id}\r\n`;
    if (traceparent !== undefined) head += `traceparent: ${traceparent}\r\n`;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    head += `content-length: ${body.length}\r\nDate: ${this.#now()}\r\n`;
    head += `${isLast ? 'Connection: close\r\n' : this.#keptOpen}\r\n`;
    if (body.length > longestCopied) return [Buffer.from(head, 'latin1'), body];
    const bytes = Buffer.allocUnsafe(head.length + body.length);
    bytes.write(head, 'latin1');
    bytes.set(body, head.length);
    return [bytes];
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
