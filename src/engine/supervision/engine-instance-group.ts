import {
  type Batch,
  type BatchResult,
  EngineFailure,
  type InstanceGroup,
  type RunOptions,
} from '../../core/inference-engine.js';
import { formatId, type ModelVersionId } from '../../core/model.js';
import { ServingError } from '../../core/serving-error.js';
import type { EngineSession } from '../engine-session.js';
import { probeFrom } from './health-probe.js';
import type { RestartPolicy } from './restart-policy.js';
import { type OpenedSession, SupervisedInstance } from './supervised-instance.js';

export interface OpenOptions {
  /** In a process that no other model is in. */
  readonly alone: boolean;
  /** To be loaded at a lower priority: others serve meanwhile. */
  readonly yields: boolean;
  readonly signal: AbortSignal;
  readonly onAnswered: () => void;
}

export interface EngineInstanceGroupOptions {
  readonly id: ModelVersionId;
  readonly spares: number;
  /** Whether the first sessions are loaded at a lower priority; those that come later are while one serves. */
  readonly yields: boolean;
  readonly policy: RestartPolicy;
  readonly probeTimeoutMs: number;
  readonly open: (options: OpenOptions) => Promise<OpenedSession>;
  /** Its processes have ended, or are about to. */
  readonly onClosed: () => void;
}

/** The instances of one model version, each kept alive by itself; the group fails when none of them can be. */
export class EngineInstanceGroup implements InstanceGroup {
  readonly #options: EngineInstanceGroupOptions;
  #instances: SupervisedInstance[] = [];
  /** Instances that runs may be spread over; any further one is a spare. */
  #count = 0;
  /** The sessions that runs go to: the first that are alive; where one dies a spare moves up. */
  #serving: readonly EngineSession[] = [];
  #inputNames: readonly string[] = [];
  #outputNames: readonly string[] = [];
  #probe: Batch | undefined;
  #isProbeSought = true;
  #hasStarted = false;
  #isTold = false;
  #isClosed = false;
  #onCapacity: () => void = () => {};
  #onFailed: (reason: ServingError) => void = () => {};
  #failure: ServingError | undefined;

  constructor(options: EngineInstanceGroupOptions) {
    this.#options = options;
  }

  get inputNames(): readonly string[] {
    return this.#inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#outputNames;
  }

  get instanceCount(): number {
    return this.#serving.length;
  }

  get idleInstances(): number {
    return this.#serving.reduce((idle, session) => idle + Number(session.isIdle), 0);
  }

  get hasCapacity(): boolean {
    return this.#isClosed || this.#serving.some((session) => session.isIdle || session.canFollow);
  }

  /** Process ids of the instances that are loaded now, spares included. */
  get pids(): readonly number[] {
    return this.#instances.flatMap(({ session }) => (session === undefined ? [] : [session.pid]));
  }

  tryRun(batch: Batch, options: RunOptions = {}): Promise<BatchResult> | undefined {
    if (this.#isClosed) return Promise.reject(new EngineFailure('CLOSED', 'closed', false));
    const session = this.#freeSession(options.exclusive === true);
    if (session === undefined) return undefined;
    const result = session.run(batch, options);
    return this.#isProbeSought ? this.#seekProbe(batch, result) : result;
  }

  onCapacity(listener: () => void): void {
    this.#onCapacity = listener;
  }

  onFailed(listener: (reason: ServingError) => void): void {
    this.#onFailed = listener;
    const failure = this.#failure;
    if (failure !== undefined) queueMicrotask(() => listener(failure));
  }

  /** When one of the new instances cannot be loaded, none of them stays. */
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
      const [session] = await Promise.all(added.map((instance) => instance.start()));
      if (session !== undefined) {
        this.#inputNames = session.inputNames;
        this.#outputNames = session.outputNames;
      }
    } catch (error) {
      this.#instances = this.#instances.filter((instance) => !added.includes(instance));
      this.#count = countBefore;
      await Promise.all(added.map((instance) => instance.stop()));
      throw error;
    }
    this.#hasStarted = true;
    await Promise.all(retired.map((instance) => instance.retire()));
  }

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

  #newInstance(): SupervisedInstance {
    const { open, policy, probeTimeoutMs, yields } = this.#options;
    const instance: SupervisedInstance = new SupervisedInstance({
      policy,
      probeTimeoutMs,
      probe: () => this.#probe,
      open: (options) =>
        open({
          ...options,
          yields: this.#hasStarted ? this.#serving.length > 0 : yields,
          onAnswered: () => this.#tellCapacity(),
        }),
      onUp: () => this.#refresh(),
      onDown: () => {
        this.#refresh();
        this.#giveUpIfHopeless();
      },
    });
    return instance;
  }

  #refresh(): void {
    const alive = this.#instances.flatMap(({ session }) => (session === undefined ? [] : [session]));
    this.#serving = alive.slice(0, this.#count);
    this.#tellCapacity();
  }

  #freeSession(exclusive: boolean): EngineSession | undefined {
    const idle = this.#serving.find((session) => session.isIdle);
    return idle ?? (exclusive ? undefined : this.#serving.find((session) => session.canFollow));
  }

  /** Keeps a copy of the first batch that works, if it is small. */
  #seekProbe(batch: Batch, result: Promise<BatchResult>): Promise<BatchResult> {
    const copy = probeFrom(batch);
    return result.then((answer) => {
      this.#probe ??= copy;
      this.#isProbeSought = this.#probe === undefined;
      return answer;
    });
  }

  /** On a tick of its own, but before the answers that came with it are read: the engine gets its next work first. */
  #tellCapacity(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    process.nextTick(() => {
      this.#isTold = false;
      this.#onCapacity();
    });
  }

  #giveUpIfHopeless(): void {
    const { id, policy } = this.#options;
    const isHopeless = this.#instances.every(
      ({ session, failures }) => session === undefined && failures >= policy.maxFailures,
    );
    const [first] = this.#instances;
    if (!isHopeless || first === undefined) return;
    const reason = `its engine process failed ${first.failures} times in a row and is not started again (last: ${first.lastFailure}); replace the model, or load it again`;
    void this.#end();
    this.#failure = new ServingError('UNAVAILABLE', `${formatId(id)}: ${reason}`);
    this.#onFailed(this.#failure);
  }
}
