import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One connection to a server, on which a test writes what it likes. */
export class Wire {
  readonly socket: Socket;
  #received = '';
  #ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      socket.emit('more');
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#ended = true;
      socket.emit('more');
    });
  }

  /** `app` listens already. Closed by whoever opened it, or by the server. */
  static async open(app: FastifyInstance): Promise<Wire> {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Wire(socket);
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** The next answer with a Content-Length. Throws when the connection ends instead. */
  async answer(): Promise<WireAnswer> {
    for (;;) {
      const answer = this.#take();
      if (answer !== undefined) return answer;
      if (this.#ended) throw new Error(`the connection ended after ${JSON.stringify(this.#received)}`);
      await once(this.socket, 'more');
    }
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#ended) await once(this.socket, 'more');
  }

  close(): void {
    this.socket.destroy();
  }

  #take(): WireAnswer | undefined {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const [first, ...lines] = this.#received.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const to = end + 4 + Number(headers['content-length']);
    if (this.#received.length < to) return undefined;
    const body = this.#received.slice(end + 4, to);
    this.#received = this.#received.slice(to);
    return { status: Number((first as string).slice(9, 12)), headers, body };
  }
}

export interface Post {
  readonly path: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A plain request, as bytes. */
export function post({ path, body, headers = {} }: Post): Buffer {
  const all = {
    Host: 'test',
    'Content-Type': 'application/json',
    ...headers,
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

/** How many requests have reached Node's HTTP server, and with it Fastify, so far. */
export function countSlow(app: FastifyInstance): () => number {
  let count = 0;
  app.server.on('request', () => count++);
  return () => count;
}
