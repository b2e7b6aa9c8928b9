import { Fifo } from '../core/fifo.js';
import type { CallerSignal } from '../core/inference.js';
import { ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';
import { type Deaths, judge, noDeaths } from './retry-policy.js';
import type { InstancePool } from './supervision/instance-pool.js';
import type { Computed } from './tenant.js';

export interface PoolQueueOptions<Request, Result extends Computed> {
  readonly pool: Pick<InstancePool<Request, Result>, 'tryRun' | 'onCapacity' | 'onFailed'>;
  /** More than these are rejected at once. */
  readonly maxWaiting: number;
  /** Of one request, from when its process can have begun with it. */
  readonly timeoutMs: number;
}

/** How long an answer is waited for. */
export interface Interest {
  /** Aborted when whoever asked is gone. */
  readonly signal?: CallerSignal | undefined;
  /** `performance.now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  deaths: Deaths;
  isSuspect: boolean;
  /** Whoever asked has gone. */
  isOver: boolean;
}

/**
 * Requests to the instances of a pool that wait for a free one, and go to another when their process ends: what is asked
 * changes nothing, so it may be done again. For kinds of processes that need no batches.
 */
export class PoolQueue<Request, Result extends Computed> {
  readonly #options: PoolQueueOptions<Request, Result>;
  readonly #waiting = new Fifo<Waiting<Request, Result>>();
  #failure: ServingError | undefined;

  constructor(options: PoolQueueOptions<Request, Result>) {
    this.#options = options;
    options.pool.onCapacity(() => this.#start());
    options.pool.onFailed((reason) => this.#fail(reason));
  }

  /** Requests that wait for an instance. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Rejects with what the protocol throws, with INTERNAL for a request that ends its process each time, with CANCELED and
   * DEADLINE_EXCEEDED as soon as nobody waits any more.
   */
  ask(request: Request, { signal, deadlineMs }: Interest = {}): Promise<Result> {
    if (signal?.aborted === true) return Promise.reject(canceled());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.reject(full(this.#options.maxWaiting));
    return new Promise<Result>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      const giveUp = (error: Error): void => {
        waiting.isOver = true;
        settle();
        reject(error);
      };
      const cancel = (): void => giveUp(canceled());
      const waiting: Waiting<Request, Result> = {
        request,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
        deaths: noDeaths,
        isSuspect: false,
        isOver: false,
      };
      const timer =
        deadlineMs === undefined
          ? undefined
          : setTimeout(() => giveUp(late()), Math.max(1, Math.ceil(deadlineMs - performance.now())));
      signal?.addEventListener('abort', cancel);
      this.#waiting.push(waiting);
      this.#start();
    });
  }

  #start(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { timeoutMs, pool } = this.#options;
      const result = pool.tryRun(next.request, { timeoutMs, exclusive: next.isSuspect });
      if (result === undefined) return void this.#waiting.unshift(next);
      const running = next;
      result.then(running.resolve, (error: Error) => this.#failed(running, error));
    }
  }

  /** What nobody waits for any more is dropped on the way. */
  #next(): Waiting<Request, Result> | undefined {
    let next = this.#waiting.shift();
    while (next?.isOver === true) next = this.#waiting.shift();
    return next;
  }

  #failed(waiting: Waiting<Request, Result>, error: Error): void {
    if (!(error instanceof ProcessFailure)) {
      waiting.reject(error);
      return;
    }
    const { verdict, deaths } = judge(waiting.deaths, error);
    waiting.deaths = deaths;
    waiting.isSuspect ||= verdict === 'again alone';
    if (verdict === 'poison') waiting.reject(poisonous(error));
    else if (verdict === 'over') waiting.reject(this.#failure ?? over(error));
    else if (verdict === 'again') this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    this.#start();
  }

  #fail(reason: ServingError): void {
    this.#failure = reason;
    for (let next = this.#next(); next !== undefined; next = this.#next()) next.reject(reason);
  }
}

const full = (waiting: number): ServingError =>
  new ServingError('UNAVAILABLE', `${waiting} requests wait already; try again`, { retryAfterSeconds: 1 });

const canceled = (): ServingError => new ServingError('CANCELED', 'the caller is gone');

const late = (): ServingError => new ServingError('DEADLINE_EXCEEDED', 'the time for the answer is over');

const over = (cause: ProcessFailure): ServingError =>
  new ServingError('UNAVAILABLE', 'it is being unloaded', { cause });

const poisonous = (cause: ProcessFailure): ServingError => {
  const isEndless = cause.kind === 'RUN_TIMEOUT' || cause.kind === 'STALLED';
  const what = isEndless
    ? 'was not answered within its time limit, more than once'
    : `ended its process each time (${cause.exit})`;
  return new ServingError('INTERNAL', `this request ${what}; it is not tried again`, { cause });
};
