import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export const healthPath = '/v2/health/ready';

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly bodyBytes: number;
}

/** Stands where Slipway would behind a gateway, and answers what the test told it to. */
export class FakeServer {
  readonly #server = createServer((request, response) => {
    void buffer(request).then((body) => {
      this.requests.push({ url: request.url ?? '', headers: request.headers, bodyBytes: body.length });
      const status = request.url === healthPath ? 200 : this.status;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 200 ? '{"ok":true}' : '{"error":"rejected"}');
    });
  }).on('connection', () => this.connections++);
  readonly requests: SeenRequest[] = [];
  /** Of all answers but those to a gateway that asks for its health. */
  status = 200;
  connections = 0;

  /** `host:port`. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected the address of a TCP server');
    return `127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
