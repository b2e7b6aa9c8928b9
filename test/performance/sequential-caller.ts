import { ClientConnection } from '../../bench/load/client-connection.js';

/** Asks one question after the other on one connection. */
export class SequentialCaller {
  #connection: ClientConnection | undefined;
  #settle: (problem?: Error) => void = () => {};

  static async open(port: number): Promise<SequentialCaller> {
    const caller = new SequentialCaller();
    caller.#connection = await ClientConnection.open({
      host: '127.0.0.1',
      port,
      onResponse: (_, status) => caller.#settle(status === 200 ? undefined : new Error(`answered with ${status}`)),
      onFailure: (_, error) => caller.#settle(error),
    });
    return caller;
  }

  /** Rejects unless every answer is a 200. */
  async ask(request: Uint8Array, times: number): Promise<void> {
    for (let turn = 0; turn < times; turn++) {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (problem) => (problem === undefined ? resolve() : reject(problem));
        this.#connection?.send(request, 0);
      });
    }
  }

  close(): void {
    this.#connection?.close();
  }
}
