import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type OtlpSpan, spansOf } from './otlp-spans.js';

/** What a collector answers with, once it has read an export. Default: 200 and nothing. */
export type CollectorAnswer = RequestListener;

/** A collector of OTLP over HTTP, on a free port of this machine. Close it in an `after` hook. */
export class OtlpCollector {
  readonly spans: OtlpSpan[] = [];
  /** Of each export that came. */
  readonly exports: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(answer: CollectorAnswer) {
    this.#server = createServer((request, response) => {
      void buffer(request).then((body) => {
        this.exports.push({ path: request.url ?? '', headers: request.headers });
        this.spans.push(...spansOf(body));
        answer(request, response);
        for (const look of this.#waiting) look();
      });
    });
  }

  static async start(answer: CollectorAnswer = (_, response) => response.end()): Promise<OtlpCollector> {
    const collector = new OtlpCollector(answer);
    collector.#server.listen(0, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves once so many exports have come. */
  async exported(count = 1): Promise<void> {
    while (this.exports.length < count) {
      await new Promise<void>((resolve) => {
        const look = () => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
  }

  named(name: string): OtlpSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The spans of one trace, in the order of their beginning. */
  trace(traceId: string): OtlpSpan[] {
    return this.spans
      .filter((span) => span.traceId === traceId)
      .sort((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
