import { type Log, openLog } from '../observability/logger.js';
import { Service } from '../service.js';
import type { ConnectionIntake } from '../workers/connection-intake.js';
import { type Face, sharedFace, unloadedModels } from '../workers/peer-context.js';
import type { Peers } from '../workers/peers.js';
import { runQuery } from '../workers/run-query.js';
import { type FromWorker, type Outcome, plainError, type Query, type ToWorker } from '../workers/worker-messages.js';
import { servedLine } from './start-messages.js';

export interface WorkerServerOptions {
  readonly begin: Extract<ToWorker, { kind: 'begin' }>;
  readonly peers: Peers;
  readonly connections: ConnectionIntake;
  readonly send: (message: FromWorker) => void;
}

/** A whole server that shares its port with others. Starts when it is made. */
export class WorkerServer {
  readonly #options: WorkerServerOptions;
  readonly #log: Log;
  /** Rejects when it cannot be started. */
  readonly started: Promise<Service>;
  #stopped: Promise<void> | undefined;

  constructor(options: WorkerServerOptions) {
    this.#options = options;
    const { config, version, worker } = options.begin;
    this.#log = openLog({ level: config.logLevel, version, worker });
    this.started = this.#start();
  }

  async runQuery(query: Query): Promise<Outcome> {
    try {
      const service = await this.started;
      const metrics = async () => JSON.stringify(await service.metrics.families());
      return await runQuery(query, { service: service.registry, metrics });
    } catch (error) {
      return { error: plainError(error) };
    }
  }

  async startDraining(): Promise<void> {
    (await this.started).startDraining();
  }

  /** Finishes what was taken. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<Service> {
    const { begin, peers, connections, send } = this.#options;
    const { config, version, isReplacement, workers, folder } = begin;
    // Where nobody can tell, to serve too much is better than not to serve.
    const unloaded = isReplacement ? await unloadedModels(peers).catch(() => []) : [];
    const context = {
      connections,
      folder,
      share: 1 / workers,
      unloaded,
      sharedFace: (own: Face) => sharedFace(own, peers),
    };
    const { logger } = this.#log;
    const service = new Service({ config, logger, version, peers: context });
    const startedAtMs = performance.now();
    try {
      await service.start();
    } catch (error) {
      logger.fatal({ error }, `the worker cannot be started: ${error instanceof Error ? error.message : error}`);
      await service.stop();
      throw error;
    }
    send({ kind: 'listening' });
    void service.reconciled().then((models) => {
      if (this.#stopped !== undefined) return;
      logger.info({ durationMs: Math.round(performance.now() - startedAtMs) }, servedLine(models));
      send({ kind: 'loaded' });
    });
    return service;
  }

  async #stop(): Promise<void> {
    await this.started.then(
      (service) => service.stop(),
      () => undefined,
    );
    await this.#log.close();
  }
}
