import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { Books } from './books.js';

export interface Call {
  readonly path: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request without an answer after this long is lost. */
const patienceMs = 90_000;

/** Sends inference requests to one server, well or badly, and keeps the books on them. */
export class Caller {
  readonly books = new Books();
  readonly #origin: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(origin: string) {
    this.#origin = new URL(origin);
  }

  /** Rejects where no answer comes; the request is then on the books as abandoned. */
  async call(call: Call): Promise<Answer> {
    try {
      const answer = await this.#answer(call);
      this.books.answered(answer.status);
      return answer;
    } catch (error) {
      this.books.abandoned();
      throw error;
    }
  }

  /** Sends a whole request, and closes the connection so much later without reading. */
  hangUp(call: Call, afterMs: number): Promise<void> {
    return this.#abandon(this.#head(call) + call.body, afterMs);
  }

  /** Announces the whole body, sends a part of it, and closes the connection. */
  truncate(call: Call, bodyShare: number): Promise<void> {
    return this.#abandon(this.#head(call) + call.body.slice(0, Math.floor(call.body.length * bodyShare)), 0);
  }

  /** Closes the connections that are kept for further requests. */
  close(): void {
    this.#agent.destroy();
  }

  #answer({ path, body, headers }: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: this.#origin.hostname,
          port: this.#origin.port,
          path,
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', ...headers },
          timeout: patienceMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      sent.once('timeout', () => sent.destroy(new Error(`no answer from ${path} within ${patienceMs} ms`)));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  #head({ path, body, headers = {} }: Call): string {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST ${path} HTTP/1.1\r\nhost: ${this.#origin.host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${lines.join('')}\r\n`;
  }

  #abandon(text: string, afterMs: number): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(Number(this.#origin.port), this.#origin.hostname);
      // Read, so that closing does not reset the connection before the server has read the request.
      socket.resume();
      socket.once('error', () => {});
      socket.once('close', () => resolve());
      socket.write(text, () => {
        this.books.abandoned();
        setTimeout(() => socket.destroy(), afterMs);
      });
    });
  }
}
