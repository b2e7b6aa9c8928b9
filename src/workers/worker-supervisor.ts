import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Config } from '../config/config.js';
import { connectionLimit } from '../config/connection-limit.js';
import { CrowdedOut } from '../core/crowded-out.js';
import type { MetricFamily } from '../observability/merge-metrics.js';
import { afterExit, longLifeMs } from './after-exit.js';
import { BroadcastQueries } from './broadcast-queries.js';
import { Listener, type ListenerAddress } from './listener.js';
import { nextTaker, witnesses } from './worker-choice.js';
import type { FromWorker, Query, Reply } from './worker-messages.js';
import { type FreshConnection, type WorkerEnd, WorkerProcess } from './worker-process.js';
import { workerShare } from './worker-share.js';

export interface WorkerLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export interface WorkerSupervisorOptions {
  readonly config: Config;
  readonly workers: number;
  /** One for each server of a worker, by its name. */
  readonly listeners: readonly ListenerAddress[];
  /** Of this program. */
  readonly version: string;
  /** Path of the program of a worker. */
  readonly program: string;
  /** An empty folder for what is temporary; its owner removes it. */
  readonly temporaryFolder: string;
  readonly logger: WorkerLog;
  /** Puts together what ended workers had counted; asked for only once one has ended. */
  readonly mergeDeparted: (left: readonly MetricFamily[], before: readonly MetricFamily[]) => Promise<MetricFamily[]>;
}

/** What a worker may take to answer for itself. */
const patienceMs = 1000;
/** What workers may take to end beyond the time that they give their requests. */
const endingMs = 5000;

/** Keeps several workers behind one port: starts them, replaces those that end, lets them ask each other. */
export class WorkerSupervisor {
  readonly #options: WorkerSupervisorOptions;
  readonly #workers = new Set<WorkerProcess>();
  readonly #queries = new BroadcastQueries({ patienceMs });
  readonly #restarts = new Set<NodeJS.Timeout>();
  /** Of each worker: they inherit the limits of this process. */
  readonly #connectionLimit = connectionLimit();
  readonly #crowdedOut = new CrowdedOut({
    limit: this.#connectionLimit,
    warn: (message) => this.#options.logger.warn({}, message),
  });
  readonly #listeners: ReadonlyMap<string, Listener>;
  readonly #shortLives = new Map<number, number>();
  #departed: Promise<MetricFamily[]> = Promise.resolve([]);
  #hasServed = false;
  #startCount = 0;
  #isStopping = false;
  #isClean = true;
  #reportStart: ((problem?: Error) => void) | undefined;

  constructor(options: WorkerSupervisorOptions) {
    this.#options = options;
    this.#listeners = new Map(options.listeners.map(({ name }) => [name, this.#makeListener(name)]));
  }

  #makeListener(listener: string): Listener {
    return new Listener({
      hand: (socket) => this.#hand({ socket, listener }),
      limit: this.#connectionLimit,
      onCrowdedOut: () => this.#crowdedOut.note(),
    });
  }

  /** Resolves with the listeners' addresses, by their names, once every worker can take connections; models go on loading. */
  async start(): Promise<ReadonlyMap<string, string>> {
    const { workers, listeners } = this.#options;
    const listening = new Promise<void>((resolve, reject) => {
      this.#reportStart = (problem) => (problem === undefined ? resolve() : reject(problem));
    });
    for (let number = 1; number <= workers; number++) this.#startWorker(number, false);
    await listening;
    const addresses = new Map<string, string>();
    for (const address of listeners) {
      const listener = this.#listeners.get(address.name) as Listener;
      addresses.set(address.name, await listener.open(address));
    }
    this.#hasServed = true;
    return addresses;
  }

  /** As one server stops, all workers together. Resolves with whether every one of them ended as it should. */
  async stop(): Promise<boolean> {
    const { drainDelayMs, drainTimeoutMs } = this.#options.config;
    this.#isStopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    for (const worker of this.#workers) worker.send({ kind: 'drain' });
    await after(drainDelayMs);
    for (const listener of this.#listeners.values()) listener.close();
    for (const worker of this.#workers) worker.send({ kind: 'stop' });
    const timer = setTimeout(() => this.kill(), drainTimeoutMs + endingMs);
    await Promise.all([...this.#workers].map(({ ended }) => ended));
    clearTimeout(timer);
    return this.#isClean;
  }

  /** Ends every worker at once. */
  kill(): void {
    for (const worker of this.#workers) worker.kill();
  }

  #startWorker(number: number, isReplacement: boolean): void {
    const { config, workers, version, program, temporaryFolder } = this.#options;
    const worker = new WorkerProcess({
      number,
      isReplacement,
      program,
      temporaryFolder: join(temporaryFolder, String(++this.#startCount)),
      onMessage: (from, message) => this.#heard(from, message),
    });
    this.#workers.add(worker);
    worker.send({
      kind: 'begin',
      worker: number,
      isReplacement,
      workers,
      version,
      config: workerShare(config, { worker: number, workers }),
      folder: temporaryFolder,
    });
    void worker.ended.then((end) => this.#ended(worker, end));
  }

  #heard(worker: WorkerProcess, message: FromWorker): void {
    switch (message.kind) {
      case 'listening':
      case 'loaded':
        this.#advance(worker, message.kind);
        break;
      case 'broadcast':
        void this.#ask(message.query).then((replies) => worker.send({ kind: 'replies', id: message.id, replies }));
        break;
      case 'result':
        this.#queries.finished(worker, message.id, message.outcome);
        break;
    }
  }

  #advance(worker: WorkerProcess, state: 'listening' | 'loaded'): void {
    worker.state = state;
    if (state === 'loaded' && worker.isReplacement) {
      this.#options.logger.info({ worker: worker.number, workerPid: worker.pid }, 'worker serves again');
    }
    for (const listener of this.#listeners.values()) listener.passWaiting();
    const isWhole = [...this.#workers].every((one) => one.state !== 'starting');
    if (isWhole && this.#workers.size === this.#options.workers) this.#reportStart?.();
  }

  async #ask(query: Query): Promise<readonly Reply[]> {
    const workers = [...this.#workers];
    const isAction = query.kind === 'load' || query.kind === 'unload';
    const replies = await this.#queries.ask(isAction ? workers : witnesses(workers), query);
    if (query.kind !== 'metrics') return replies;
    for (const worker of workers) {
      const own = replies.find((reply) => reply.worker === worker.number);
      if (own !== undefined && 'value' in own) worker.lastMetrics = String(own.value);
    }
    return [{ worker: 0, value: JSON.stringify(await this.#departed) }, ...replies];
  }

  #hand(connection: FreshConnection): boolean {
    const worker = nextTaker([...this.#workers]);
    if (worker === undefined) return false;
    if (worker.connections >= this.#connectionLimit) {
      this.#crowdedOut.note();
      connection.socket.destroy();
      return true;
    }
    worker.hand(connection);
    // Of equals the first gets the next one: not this one again.
    this.#workers.delete(worker);
    this.#workers.add(worker);
    return true;
  }

  #ended(worker: WorkerProcess, end: WorkerEnd): void {
    const { number } = worker;
    this.#workers.delete(worker);
    this.#queries.gone(worker);
    for (const { socket, listener } of end.untaken) this.#listeners.get(listener)?.pass(socket);
    if (this.#isStopping) this.#isClean &&= end.isClean;
    else this.#options.logger.error({ worker: number, workerPid: worker.pid }, `worker ended with ${end.cause}`);
    this.#keepCounts(worker);
    const shortLives = end.livedMs >= longLifeMs ? 1 : (this.#shortLives.get(number) ?? 0) + 1;
    this.#shortLives.set(number, shortLives);
    const next = afterExit({ isStopping: this.#isStopping, hasServed: this.#hasServed, shortLives });
    if (next.kind === 'give-up')
      this.#reportStart?.(new Error(`worker ${number} ended with ${end.cause} before it served`));
    if (next.kind === 'restart') this.#restartIn(next.delayMs, number);
  }

  #restartIn(delayMs: number, number: number): void {
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      this.#startWorker(number, true);
    }, delayMs);
    this.#restarts.add(timer);
  }

  /** What it counted since the last scrape is lost with it. */
  #keepCounts({ lastMetrics }: WorkerProcess): void {
    if (lastMetrics === undefined) return;
    const { mergeDeparted } = this.#options;
    // Text of `JSON.stringify`, made by the same program.
    const left = JSON.parse(lastMetrics) as MetricFamily[];
    this.#departed = this.#departed.then((before) => mergeDeparted(left, before));
  }
}
