import type { Outcome, Query, Reply, ToWorker } from './worker-messages.js';

/** A worker, as far as it can be asked. */
export interface QueriedWorker {
  readonly number: number;
  readonly lastMetrics: string | undefined;
  send(message: ToWorker): void;
}

interface Broadcast {
  readonly query: Query;
  readonly waiting: Set<QueriedWorker>;
  readonly replies: Reply[];
  readonly resolve: (replies: readonly Reply[]) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export interface BroadcastQueriesOptions {
  /** How long workers may take to say what they know. Loading and unloading take what they take. */
  readonly patienceMs: number;
}

/** Queries that several workers are being asked. */
export class BroadcastQueries {
  readonly #patienceMs: number;
  readonly #open = new Map<number, Broadcast>();
  #lastId = 0;

  constructor({ patienceMs }: BroadcastQueriesOptions) {
    this.#patienceMs = patienceMs;
  }

  /** A reply from each of them; a worker that ends meanwhile has none. */
  ask(workers: readonly QueriedWorker[], query: Query): Promise<readonly Reply[]> {
    if (workers.length === 0) return Promise.resolve([]);
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const isAction = query.kind === 'load' || query.kind === 'unload';
      const timer = isAction ? undefined : setTimeout(() => this.#giveUp(id), this.#patienceMs);
      this.#open.set(id, { query, waiting: new Set(workers), replies: [], resolve, timer });
      for (const worker of workers) worker.send({ kind: 'query', id, query });
    });
  }

  finished(worker: QueriedWorker, id: number, outcome: Outcome): void {
    const broadcast = this.#open.get(id);
    if (!broadcast?.waiting.delete(worker)) return;
    broadcast.replies.push({ worker: worker.number, ...outcome });
    this.#settleIfWhole(id, broadcast);
  }

  /** The worker has ended. */
  gone(worker: QueriedWorker): void {
    for (const [id, broadcast] of this.#open) if (broadcast.waiting.delete(worker)) this.#settleIfWhole(id, broadcast);
  }

  #giveUp(id: number): void {
    const broadcast = this.#open.get(id);
    if (broadcast === undefined) return;
    for (const worker of broadcast.waiting) broadcast.replies.push(silent(worker, broadcast.query));
    broadcast.waiting.clear();
    this.#settleIfWhole(id, broadcast);
  }

  #settleIfWhole(id: number, { waiting, replies, resolve, timer }: Broadcast): void {
    if (waiting.size > 0) return;
    clearTimeout(timer);
    this.#open.delete(id);
    resolve(replies.sort((a, b) => a.worker - b.worker));
  }
}

/** A busy worker's counters are as they were a while ago; without them the sums would fall. */
function silent({ number, lastMetrics }: QueriedWorker, { kind }: Query): Reply {
  if (kind === 'metrics' && lastMetrics !== undefined) return { worker: number, value: lastMetrics };
  return {
    worker: number,
    error: { code: 'UNAVAILABLE', message: `worker ${number} does not answer`, retryAfterSeconds: 1 },
  };
}
