import { setTimeout as delay } from 'node:timers/promises';
import { type Batch, EngineFailure } from '../../core/inference-engine.js';
import type { SessionEnd } from '../engine-process.js';
import type { EngineSession } from '../engine-session.js';
import { describeExit } from '../process-exit.js';
import { countFailures, type Life, type RestartPolicy, restartDelayMs } from './restart-policy.js';

/** A loaded session, and the news of its end. */
export interface OpenedSession {
  readonly session: EngineSession;
  readonly ended: Promise<SessionEnd>;
}

export interface SupervisedInstanceOptions {
  /** Loads the model in some process, or, when `alone`, in one that nobody else is in. */
  readonly open: (options: { readonly alone: boolean; readonly signal: AbortSignal }) => Promise<OpenedSession>;
  readonly policy: RestartPolicy;
  /** A batch known to work, once there is one. */
  readonly probe: () => Batch | undefined;
  readonly probeTimeoutMs: number;
  readonly onUp: () => void;
  /** The session is gone, or could not be opened again; `failures` and `lastFailure` tell about it. */
  readonly onDown: () => void;
}

/** Keeps one session of a model loaded, whatever happens to its processes, until it is stopped. */
export class SupervisedInstance {
  readonly #options: SupervisedInstanceOptions;
  readonly #stopping = new AbortController();
  #session: EngineSession | undefined;
  #hasEndedProcess = false;
  #failures = 0;
  #lastFailure = '';
  #supervision = Promise.resolve();

  constructor(options: SupervisedInstanceOptions) {
    this.#options = options;
  }

  /** Absent while there is none. */
  get session(): EngineSession | undefined {
    return this.#session;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  get lastFailure(): string {
    return this.#lastFailure;
  }

  /** Loads for the first time; rejects with a ServingError, and does not try again. */
  async start(): Promise<EngineSession> {
    const startedAtMs = performance.now();
    const opening = this.#open();
    this.#supervision = opening.then(
      (opened) => this.#supervise(opened, startedAtMs),
      () => {},
    );
    return (await opening).session;
  }

  /** Ends the session; its runs in flight fail with CLOSED. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#supervision;
  }

  /** Stops once the runs in flight are answered. The caller sends no more. */
  async retire(): Promise<void> {
    await this.#session?.whenIdle();
    await this.stop();
  }

  /** The session is closed when the instance is stopped, at whatever point that happens. */
  async #open(): Promise<OpenedSession> {
    const { signal } = this.#stopping;
    const opened = await this.#options.open({ alone: this.#hasEndedProcess, signal });
    const close = (): void => void opened.session.close();
    signal.addEventListener('abort', close, { once: true });
    void opened.ended.then(() => signal.removeEventListener('abort', close));
    if (signal.aborted) close();
    return opened;
  }

  async #supervise(first: OpenedSession, startedAtMs: number): Promise<void> {
    const { policy } = this.#options;
    const { signal } = this.#stopping;
    let life = await this.#live(first, startedAtMs);
    while (!signal.aborted) {
      this.#failures = countFailures(policy, this.#failures, life);
      this.#options.onDown();
      const pauseMs = restartDelayMs(policy, this.#failures, life.durationMs, Math.random());
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) life = await this.#restart();
    }
  }

  async #restart(): Promise<Life> {
    const startedAtMs = performance.now();
    try {
      const opened = await this.#open();
      await this.#prove(opened.session);
      return await this.#live(opened, startedAtMs);
    } catch (error) {
      this.#lastFailure = (error as Error).message;
      return { durationMs: performance.now() - startedAtMs, wasProven: false, wasInnocent: false };
    }
  }

  /** Rejects when the process does not live through it. */
  async #prove(session: EngineSession): Promise<void> {
    const batch = this.#options.probe();
    if (batch === undefined || !session.isIdle) return;
    try {
      await session.run(batch, { timeoutMs: this.#options.probeTimeoutMs, exclusive: true });
    } catch (error) {
      if (!(error instanceof EngineFailure)) return;
      throw new Error(`a run that used to work ended the process (${error.exit})`, { cause: error });
    }
  }

  async #live({ session, ended }: OpenedSession, startedAtMs: number): Promise<Life> {
    this.#session = session;
    this.#options.onUp();
    const end = await ended;
    this.#session = undefined;
    this.#lastFailure = describeExit(end);
    if (end.wasCulprit) this.#hasEndedProcess = true;
    return {
      durationMs: performance.now() - startedAtMs,
      wasProven: session.isProven,
      // What ended a shared process is a neighbour's doing, or hit all of them.
      wasInnocent: !end.wasCulprit && end.hadNeighbours,
    };
  }
}
