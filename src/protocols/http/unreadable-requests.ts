import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeLingering } from './lingering-close.js';

/** Node's HTTP parser could not read what came. */
interface ParserError extends Error {
  readonly code?: string;
}

type Rejection = readonly [status: string, message: string];

const rejections: Readonly<Record<string, Rejection>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'the headers, or the path, are larger than 16 KiB together',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
};

const malformed: Rejection = ['400 Bad Request', 'this is not a well-formed HTTP/1.1 request'];
const tunnel: Rejection = ['501 Not Implemented', 'CONNECT is not answered here: this server is no proxy'];

/** The last request of a connection that could be read, and the answer to the one before it. */
interface LastRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly before: ServerResponse | undefined;
}

/**
 * Answers what Node's server makes no request of, on the bare socket, and closes that. What was asked before on the same
 * connection is answered first.
 */
export class UnreadableRequests {
  readonly #last = new WeakMap<Duplex, LastRequest>();
  readonly #rejected = new WeakSet<Duplex>();

  /** To be called before the server listens. */
  listen(server: Server): void {
    server.on('request', this.#remember).on('checkExpectation', this.#remember);
    server.on('connect', ({ socket }) => {
      socket.on('error', () => {});
      // Nobody reads it any more, and what is not read never ends.
      socket.resume();
      this.#reject(socket, tunnel);
    });
  }

  /** As the server's `clientError` has it. */
  readonly answer = (error: ParserError, socket: Duplex): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else this.#reject(socket, rejections[error.code ?? ''] ?? malformed);
  };

  readonly #remember = (request: IncomingMessage, response: ServerResponse): void => {
    this.#last.set(request.socket, { request, response, before: this.#last.get(request.socket)?.response });
  };

  #reject(socket: Duplex, rejection: Rejection): void {
    // The parser goes on complaining about all that follows.
    if (this.#rejected.has(socket)) return;
    this.#rejected.add(socket);
    const last = this.#last.get(socket);
    const isCut = last !== undefined && !last.request.complete;
    if (isCut && last.response.headersSent) {
      // What it asked for was answered before its end was seen to be missing.
      closeLingering(socket);
      return;
    }
    const pending = isCut ? last.before : last?.response;
    if (pending === undefined || pending.writableFinished || pending.destroyed) end(socket, rejection);
    else pending.once('close', () => end(socket, rejection));
  }
}

function end(socket: Duplex, [status, message]: Rejection): void {
  if (!socket.writable) return;
  const body = JSON.stringify({ error: message });
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  closeLingering(socket);
}
