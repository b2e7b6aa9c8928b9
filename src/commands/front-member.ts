import { answerQuestion } from '../fronts/answer-question.js';
import type { ConnectionIntake } from '../fronts/connection-intake.js';
import { type Face, sharedFace, unloadedModels } from '../fronts/fellowship.js';
import type { Fleet } from '../fronts/fleet.js';
import type { FromFront, Outcome, Question, ToFront } from '../fronts/front-messages.js';
import { plainError } from '../fronts/plain-error.js';
import { type Log, openLog } from '../observability/logger.js';
import { Service } from '../service.js';
import { servedLine } from './served-line.js';

export interface FrontMemberOptions {
  readonly begin: Extract<ToFront, { kind: 'begin' }>;
  readonly fleet: Fleet;
  readonly connections: ConnectionIntake;
  readonly send: (message: FromFront) => void;
}

/** A whole server that shares its port with others. Starts when it is made. */
export class FrontMember {
  readonly #options: FrontMemberOptions;
  readonly #log: Log;
  /** Rejects when it cannot be started. */
  readonly started: Promise<Service>;
  #stopped: Promise<void> | undefined;

  constructor(options: FrontMemberOptions) {
    this.#options = options;
    const { config, version, front } = options.begin;
    this.#log = openLog({ level: config.logLevel, version, front });
    this.started = this.#start();
  }

  async answer(question: Question): Promise<Outcome> {
    try {
      const service = await this.started;
      const metrics = async () => JSON.stringify(await service.metrics.families());
      return await answerQuestion(question, { service: service.registry, metrics });
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
    const { begin, fleet, connections, send } = this.#options;
    const { config, version, isReplacement } = begin;
    // Where nobody can tell, to serve too much is better than not to serve.
    const unloaded = isReplacement ? await unloadedModels(fleet).catch(() => []) : [];
    const fellowship = { connections, unloaded, sharedFace: (own: Face) => sharedFace(own, fleet) };
    const { logger } = this.#log;
    const service = new Service({ config, logger, version, fellowship });
    const startedAtMs = performance.now();
    try {
      await service.start();
    } catch (error) {
      logger.fatal({ error }, `the front cannot be started: ${error instanceof Error ? error.message : error}`);
      await service.stop();
      throw error;
    }
    send({ kind: 'listening' });
    void service.settled().then((models) => {
      if (this.#stopped !== undefined) return;
      logger.info({ durationMs: Math.round(performance.now() - startedAtMs) }, servedLine(models));
      send({ kind: 'settled' });
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
