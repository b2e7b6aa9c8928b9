import { setTimeout as delay } from 'node:timers/promises';
import { ProcessFailure } from '../../core/process-failure.js';
import { ServingError } from '../../core/serving-error.js';
import { withoutPaths } from '../../core/without-paths.js';
import { describeExit } from '../process-exit.js';
import type { Opened } from '../process-fleet.js';
import { type Computed, FinalError, type Tenant } from '../tenant.js';
import { countFailures, type Life, type RestartPolicy, restartDelayMs } from './restart-policy.js';

export interface SupervisedInstanceOptions<Request, Result extends Computed, Workspace> {
  /** Loads it in some process, or, when `alone`, in one that nobody else is in. */
  readonly open: (options: {
    readonly alone: boolean;
    readonly signal: AbortSignal;
  }) => Promise<Opened<Request, Result, Workspace>>;
  readonly policy: RestartPolicy;
  /** A request known to work, once there is one. */
  readonly probe: () => Request | undefined;
  readonly probeTimeoutMs: number;
  readonly onUp: () => void;
  /** The tenant is gone, or could not be opened again; `failures` and `lastFailure` tell about it. */
  readonly onDown: () => void;
}

/** Keeps one thing loaded, whatever happens to its processes, until it is stopped. */
export class SupervisedInstance<Request, Result extends Computed, Workspace> {
  readonly #options: SupervisedInstanceOptions<Request, Result, Workspace>;
  readonly #stopping = new AbortController();
  #tenant: Tenant<Request, Result, Workspace> | undefined;
  #hasEndedProcess = false;
  #failures = 0;
  #lastFailure = '';
  #mayPass: ServingError | undefined;
  #final: FinalError | undefined;
  #supervision = Promise.resolve();

  constructor(options: SupervisedInstanceOptions<Request, Result, Workspace>) {
    this.#options = options;
  }

  /** Absent while there is none. */
  get tenant(): Tenant<Request, Result, Workspace> | undefined {
    return this.#tenant;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  get lastFailure(): string {
    return this.#lastFailure;
  }

  /** What it could not be opened for the last time, where that says when it may be opened again. */
  get mayPass(): ServingError | undefined {
    return this.#mayPass;
  }

  /** Why it cannot be started ever again; undefined where it can. */
  get final(): FinalError | undefined {
    return this.#final;
  }

  /** Loads for the first time; rejects with what opening it does, and does not try again. */
  async start(): Promise<Tenant<Request, Result, Workspace>> {
    const startedAtMs = performance.now();
    const opening = this.#open();
    this.#supervision = opening.then(
      (opened) => this.#supervise(opened, startedAtMs),
      () => {},
    );
    return (await opening).tenant;
  }

  /** Ends the tenancy; its requests in flight fail with CLOSED. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#supervision;
  }

  /** Stops once the requests in flight are answered. The caller sends no more. */
  async retire(): Promise<void> {
    await this.#tenant?.whenIdle();
    await this.stop();
  }

  /** The tenant is closed when the instance is stopped, at whatever point that happens. */
  async #open(): Promise<Opened<Request, Result, Workspace>> {
    const { signal } = this.#stopping;
    const opened = await this.#options.open({ alone: this.#hasEndedProcess, signal });
    const close = (): void => void opened.tenant.close();
    signal.addEventListener('abort', close, { once: true });
    void opened.ended.then(() => signal.removeEventListener('abort', close));
    if (signal.aborted) close();
    return opened;
  }

  async #supervise(first: Opened<Request, Result, Workspace>, startedAtMs: number): Promise<void> {
    const { policy } = this.#options;
    const { signal } = this.#stopping;
    let life = await this.#live(first, startedAtMs);
    while (!signal.aborted) {
      const isOver = this.#final !== undefined;
      this.#failures = isOver ? policy.maxFailures : countFailures(policy, this.#failures, life);
      this.#options.onDown();
      if (isOver) return;
      const pauseMs = restartDelayMs(policy, this.#failures, life.durationMs, Math.random());
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) life = await this.#restart();
    }
  }

  async #restart(): Promise<Life> {
    const startedAtMs = performance.now();
    try {
      const opened = await this.#open();
      await this.#prove(opened.tenant);
      return await this.#live(opened, startedAtMs);
    } catch (error) {
      this.#lastFailure = withoutPaths((error as Error).message);
      this.#mayPass = error instanceof ServingError && error.retryAfterSeconds !== undefined ? error : undefined;
      if (error instanceof FinalError) this.#final = error;
      return { durationMs: performance.now() - startedAtMs, wasProven: false, endedByNeighbour: false };
    }
  }

  /** Rejects when the process does not live through it. */
  async #prove(tenant: Tenant<Request, Result, Workspace>): Promise<void> {
    const request = this.#options.probe();
    if (request === undefined || !tenant.isIdle) return;
    try {
      await tenant.request(request, { timeoutMs: this.#options.probeTimeoutMs, exclusive: true });
    } catch (error) {
      if (!(error instanceof ProcessFailure)) return;
      throw new Error(`a run that used to work ended the process (${error.exit})`, { cause: error });
    }
  }

  async #live({ tenant, ended }: Opened<Request, Result, Workspace>, startedAtMs: number): Promise<Life> {
    this.#tenant = tenant;
    this.#options.onUp();
    const end = await ended;
    this.#tenant = undefined;
    this.#lastFailure = describeExit(end);
    this.#mayPass = undefined;
    if (end.wasComputing) this.#hasEndedProcess = true;
    return {
      durationMs: performance.now() - startedAtMs,
      wasProven: tenant.isProven,
      // What ended a shared process is a neighbour's doing, or hit all of them.
      endedByNeighbour: !end.wasComputing && end.hadNeighbours,
    };
  }
}
