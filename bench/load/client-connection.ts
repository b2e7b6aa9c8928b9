import { connect, type Socket } from 'node:net';
import { ResponseReader } from './response-reader.js';

export interface ClientConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** The answer to the request on this connection has come whole. */
  readonly onResponse: (connection: ClientConnection, status: number, sentAtMs: number) => void;
  readonly onFailure: (connection: ClientConnection, error: Error) => void;
}

/** One keep-alive connection with one request on it at a time, on a bare socket: a fraction of an HTTP client's cost. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #options: ClientConnectionOptions;
  #sentAtMs = 0;
  #busy = false;
  #closed = false;

  private constructor(socket: Socket, options: ClientConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    const reader = new ResponseReader((status) => {
      this.#busy = false;
      options.onResponse(this, status, this.#sentAtMs);
    });
    socket.on('data', (bytes: Buffer) => reader.push(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(options: ClientConnectionOptions): Promise<ClientConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: options.host, port: options.port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new ClientConnection(socket, options));
      });
    });
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** `atMs`: from when on its latency counts. */
  send(request: Uint8Array, atMs: number): void {
    this.#busy = true;
    this.#sentAtMs = atMs;
    this.#socket.write(request);
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#options.onFailure(this, error);
  }
}
