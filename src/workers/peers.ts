import {
  type FromWorker,
  type PlainError,
  type Query,
  type QueryKind,
  type QueryResults,
  type Reply,
  servingError,
} from './worker-messages.js';

export interface WorkerResult<Kind extends QueryKind> {
  readonly worker: number;
  readonly value: QueryResults[Kind];
}

export interface PeerResults<Kind extends QueryKind> {
  /** At least one. */
  readonly results: readonly WorkerResult<Kind>[];
  /** Why the others have none. */
  readonly failures: readonly PlainError[];
}

/** All workers, this one included, as one of them sees them: asked by way of the primary. */
export class Peers {
  readonly #send: (message: FromWorker) => void;
  readonly #open = new Map<number, (replies: readonly Reply[]) => void>();
  #lastId = 0;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  /** Rejects with the first failure where nobody has an answer. */
  async ask<Kind extends QueryKind>(query: Query & { kind: Kind }): Promise<PeerResults<Kind>> {
    const replies = await this.#replies(query);
    const results = resultsIn<Kind>(replies);
    const failures = replies.flatMap((reply) => ('error' in reply ? [reply.error] : []));
    const [failure] = failures;
    if (results.length === 0 && failure !== undefined) throw servingError(failure);
    return { results, failures };
  }

  /** As `ask`, but rejects where any worker has none. */
  async askEvery<Kind extends QueryKind>(query: Query & { kind: Kind }): Promise<readonly WorkerResult<Kind>[]> {
    const { results, failures } = await this.ask<Kind>(query);
    const [failure] = failures;
    if (failure !== undefined) throw servingError(failure);
    return results;
  }

  /** The primary's answer to a query of this worker. */
  settle(id: number, replies: readonly Reply[]): void {
    this.#open.get(id)?.(replies);
    this.#open.delete(id);
  }

  #replies(query: Query): Promise<readonly Reply[]> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#send({ kind: 'broadcast', id, query });
    });
  }
}

/** Both ends are this program, of one version: what came for a query is its answer. */
const resultsIn = <Kind extends QueryKind>(replies: readonly Reply[]): WorkerResult<Kind>[] =>
  replies.flatMap((reply) =>
    'error' in reply ? [] : [{ worker: reply.worker, value: reply.value as QueryResults[Kind] }],
  );
