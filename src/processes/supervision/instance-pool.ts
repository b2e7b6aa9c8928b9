import { ProcessFailure } from '../../core/process-failure.js';
import { ServingError } from '../../core/serving-error.js';
import type { Opened } from '../process-fleet.js';
import type { Computed, FinalError, RequestOptions, Tenant } from '../tenant.js';
import type { RestartPolicy } from './restart-policy.js';
import { SupervisedInstance } from './supervised-instance.js';

export interface OpenOptions {
  /** In a process that nobody else is in. */
  readonly alone: boolean;
  /** To be loaded at a lower priority: others serve meanwhile. */
  readonly yields: boolean;
  readonly signal: AbortSignal;
  readonly onResponse: () => void;
  readonly onFinal: (error: FinalError) => void;
}

export interface InstancePoolOptions<Request, Result extends Computed, Workspace> {
  /** What the pool is called in the reason for its end. */
  readonly name: string;
  readonly spares: number;
  /** Whether the first instances are loaded at a lower priority; those that come later are while one serves. */
  readonly yields: boolean;
  readonly policy: RestartPolicy;
  readonly probeTimeoutMs: number;
  readonly open: (options: OpenOptions) => Promise<Opened<Request, Result, Workspace>>;
  /** A copy to be kept of a request that works: a restarted instance answers it before it serves. Undefined: not this one. */
  readonly probeOf: (request: Request) => Request | undefined;
  /** Why it is not started again after so many failures in a row. */
  readonly hopeless: (failures: number, lastFailure: string) => string;
  /** Its processes have ended, or are about to. */
  readonly onClosed: () => void;
}

/** Instances of the same thing, each kept alive by itself; the pool fails when none of them can be. Nothing queues here. */
export class InstancePool<Request, Result extends Computed, Workspace = unknown> {
  readonly #options: InstancePoolOptions<Request, Result, Workspace>;
  #instances: SupervisedInstance<Request, Result, Workspace>[] = [];
  /** Instances that requests may be spread over; any further one is a spare. */
  #count = 0;
  /** Those that requests go to: the first that are alive; where one dies a spare moves up. */
  #serving: readonly Tenant<Request, Result, Workspace>[] = [];
  #probe: Request | undefined;
  #isProbeSought = true;
  #hasStarted = false;
  #isTold = false;
  /** Whether capacity was sought and not all of it found since it was last told of: many may share a process. */
  #isSought = false;
  #isClosed = false;
  #onCapacity: () => void = () => {};
  #onFailed: (reason: ServingError) => void = () => {};
  #failure: ServingError | undefined;

  constructor(options: InstancePoolOptions<Request, Result, Workspace>) {
    this.#options = options;
  }

  get instanceCount(): number {
    return this.#serving.length;
  }

  get idleInstances(): number {
    let idle = 0;
    for (const tenant of this.#serving) if (tenant.isIdle) idle++;
    if (idle < this.#serving.length) this.#isSought = true;
    return idle;
  }

  get hasCapacity(): boolean {
    if (this.#isClosed || this.#freeTenant(false) !== undefined) return true;
    this.#isSought = true;
    return false;
  }

  /** Process ids of the instances that are loaded now, spares included. */
  get pids(): readonly number[] {
    return this.#instances.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant.pid]));
  }

  /**
   * Starts with the request at once on a free instance, or returns undefined when none is free. Rejects with what the
   * tenant's protocol throws, with ProcessFailure when its process ended.
   */
  tryRun(request: Request, options: RequestOptions = {}): Promise<Result> | undefined {
    if (this.#isClosed) return Promise.reject(new ProcessFailure('CLOSED', 'closed', false));
    this.#isSought = true;
    const tenant = this.#freeTenant(options.exclusive === true);
    if (tenant === undefined) return undefined;
    const result = tenant.request(request, options);
    return this.#isProbeSought ? this.#seekProbe(request, result) : result;
  }

  /** Called, on a tick of its own, whenever `tryRun` may succeed again. One listener. */
  onCapacity(listener: () => void): void {
    this.#onCapacity = listener;
  }

  /** Called once when the pool gives up restarting, or has given up: no request will succeed any more. */
  onFailed(listener: (reason: ServingError) => void): void {
    this.#onFailed = listener;
    const failure = this.#failure;
    if (failure !== undefined) queueMicrotask(() => listener(failure));
  }

  /** Resolves once there are so many. When one of the new instances cannot be loaded, none of them stays. */
  async resize(count: number): Promise<void> {
    const retired = this.#instances.splice(count + this.#options.spares);
    const added = Array.from({ length: count + this.#options.spares - this.#instances.length }, () =>
      this.#newInstance(),
    );
    const countBefore = this.#count;
    this.#instances.push(...added);
    this.#count = count;
    this.#refresh();
    try {
      await Promise.all(added.map((instance) => instance.start()));
    } catch (error) {
      this.#instances = this.#instances.filter((instance) => !added.includes(instance));
      this.#count = countBefore;
      await Promise.all(added.map((instance) => instance.stop()));
      throw error;
    }
    this.#hasStarted = true;
    await Promise.all(retired.map((instance) => instance.retire()));
  }

  /** Ends the processes. Requests in flight fail with CLOSED, and so does whatever is asked afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Whoever waits for capacity is to hear that there will be none.
    this.#tellCapacity();
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#options.onClosed();
    const instances = this.#instances.splice(0);
    this.#serving = [];
    await Promise.all(instances.map((instance) => instance.stop()));
  }

  #newInstance(): SupervisedInstance<Request, Result, Workspace> {
    const { open, policy, probeTimeoutMs, yields } = this.#options;
    return new SupervisedInstance<Request, Result, Workspace>({
      policy,
      probeTimeoutMs,
      probe: () => this.#probe,
      open: (options) =>
        open({
          ...options,
          yields: this.#hasStarted ? this.#serving.length > 0 : yields,
          onResponse: () => this.#isSought && this.#tellCapacity(),
          onFinal: (error) => this.#giveUp(error.message, error),
        }),
      onUp: () => this.#refresh(),
      onDown: () => {
        this.#refresh();
        this.#giveUpIfHopeless();
      },
    });
  }

  #refresh(): void {
    const alive = this.#instances.flatMap(({ tenant }) => (tenant === undefined ? [] : [tenant]));
    this.#serving = alive.slice(0, this.#count);
    this.#tellCapacity();
  }

  #freeTenant(exclusive: boolean): Tenant<Request, Result, Workspace> | undefined {
    for (const tenant of this.#serving) if (tenant.isIdle) return tenant;
    return exclusive ? undefined : this.#serving.find((tenant) => tenant.canFollow);
  }

  /** Keeps a copy of the first request that works, if one is to be kept. */
  #seekProbe(request: Request, coming: Promise<Result>): Promise<Result> {
    const copy = this.#options.probeOf(request);
    return coming.then((result) => {
      this.#probe ??= copy;
      this.#isProbeSought = this.#probe === undefined;
      return result;
    });
  }

  /** On a tick of its own, but before the answers that came with it are read: the process gets its next work first. */
  #tellCapacity(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    process.nextTick(() => {
      this.#isTold = false;
      this.#isSought = false;
      this.#onCapacity();
    });
  }

  #giveUpIfHopeless(): void {
    const { policy } = this.#options;
    const isHopeless = this.#instances.every(
      ({ tenant, failures }) => tenant === undefined && failures >= policy.maxFailures,
    );
    const [first] = this.#instances;
    if (!isHopeless || first === undefined) return;
    const instance = this.#instances.find(({ final }) => final !== undefined) ?? first;
    const cause = instance.final ?? instance.mayPass;
    this.#giveUp(cause?.message ?? this.#options.hopeless(first.failures, first.lastFailure), cause);
  }

  #giveUp(reason: string, cause?: ServingError): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    const retry = cause?.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: cause.retryAfterSeconds };
    this.#failure = new ServingError('UNAVAILABLE', `${this.#options.name}: ${reason}`, retry);
    void this.#end();
    this.#onFailed(this.#failure);
  }
}
