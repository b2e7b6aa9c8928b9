import { Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { Ledger } from './ledger.js';

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

export interface Chunks {
  readonly count: number;
  readonly everyMs: number;
}

export interface LateReading {
  readonly afterMs: number;
  /** Of the body of the answer. */
  readonly answerBytes: number;
  /** Aborted when it is to be given up. */
  readonly signal: AbortSignal;
}

export type LateReadingEnd = 'all of it' | 'cut off' | 'rejected' | 'over';

/** A request without an answer after this long is lost. */
const patienceMs = 90_000;

/** Sends inference requests to one server, well or badly, and keeps a ledger of them. */
export class Caller {
  readonly ledger = new Ledger();
  readonly #origin: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(origin: string) {
    this.#origin = new URL(origin);
  }

  /** Rejects where no answer comes; the request is then in the ledger as abandoned. */
  async call(call: Call): Promise<Answer> {
    try {
      const answer = await this.#answer(call);
      this.ledger.answered(answer.status);
      return answer;
    } catch (error) {
      this.ledger.abandoned();
      throw error;
    }
  }

  /** As `call`, the body in so many chunks, one every so often. */
  async callSlowly(call: Call, chunks: Chunks): Promise<Answer> {
    try {
      const answer = await this.#answer(call, chunks);
      this.ledger.answered(answer.status);
      return answer;
    } catch (error) {
      this.ledger.abandoned();
      throw error;
    }
  }

  /**
   * Sends a whole request, reads how the answer begins, and goes on only after so long. Resolves with whether all of it
   * came then, `answerBytes` and a head, or the server had cut the connection off.
   */
  readMuchLater(call: Call, { afterMs, answerBytes, signal }: LateReading): Promise<LateReadingEnd> {
    return new Promise((resolve) => {
      const socket = connect(Number(this.#origin.port), this.#origin.hostname);
      let end: LateReadingEnd = 'cut off';
      let timer: NodeJS.Timeout | undefined;
      const leave = (why: LateReadingEnd): void => {
        end = why;
        socket.destroy();
      };
      const stop = (): void => leave('over');
      signal.addEventListener('abort', stop, { once: true });
      socket.once('data', (beginning) => {
        if (!beginning.toString('latin1').startsWith('HTTP/1.1 200')) return leave('rejected');
        socket.pause();
        socket.on('data', () => socket.bytesRead > answerBytes && leave('all of it'));
        // What is not read does not show, not even that the connection is gone.
        timer = setTimeout(() => socket.resume(), afterMs);
      });
      socket.once('error', () => {});
      socket.once('close', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        resolve(end);
      });
      socket.write(this.#head(call) + call.body, () => this.ledger.abandoned());
    });
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

  #answer({ path, body, headers }: Call, chunks?: Chunks): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: this.#origin.hostname,
          port: this.#origin.port,
          path,
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
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
      if (chunks === undefined) sent.end(body);
      else trickle(sent, Buffer.from(body), chunks);
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
        this.ledger.abandoned();
        setTimeout(() => socket.destroy(), afterMs);
      });
    });
  }
}

function trickle(sent: ClientRequest, body: Buffer, { count, everyMs }: Chunks): void {
  const size = Math.ceil(body.length / count);
  let from = 0;
  const next = (): void => {
    if (sent.destroyed) return;
    const piece = body.subarray(from, from + size);
    from += size;
    if (from >= body.length) sent.end(piece);
    else {
      sent.write(piece);
      setTimeout(next, everyMs);
    }
  };
  next();
}
