import type { Batch, BatchResult, InstanceGroup } from '../core/inference-engine.js';
import { ProcessFailure } from '../core/process-failure.js';

export interface IdleRunsOptions {
  readonly group: Pick<InstanceGroup, 'tryRun'>;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** One is over. */
  readonly onEnded: () => void;
}

/** A run that no caller waits for. */
interface IdleRun {
  readonly batch: Batch;
  readonly timeoutMs: number;
  resolve(result: BatchResult): void;
  reject(error: unknown): void;
}

/** Where requests never pause, a run that no caller waits for is let in after this long. */
const leastWaitMs = 50;
/** And after this many times what the last one took: requests keep most of the engine. */
const waitFactor = 9;

/** Runs that no caller waits for: one at a time, when nothing else is to be done, or now and then where that never happens. */
export class IdleRuns {
  /** Those that are to be started. */
  readonly waiting: IdleRun[] = [];
  readonly #options: IdleRunsOptions;
  #isRunning = false;
  #waitsSinceMs = 0;
  #lastTookMs = 0;
  #isClosed = false;

  constructor(options: IdleRunsOptions) {
    this.#options = options;
  }

  /** Resolves with the run's result, however long that takes. */
  add(batch: Batch, timeoutMs: number): Promise<BatchResult> {
    if (this.#isClosed) return Promise.reject(closed());
    if (this.waiting.length === 0) this.#waitsSinceMs = this.#options.now();
    return new Promise((resolve, reject) => {
      this.waiting.push({ batch, timeoutMs, resolve, reject });
    });
  }

  /** Starts one if it is its turn. `isIdle`: nothing else waits, and an instance has nothing to do. */
  start(isIdle: boolean): void {
    const { group, now } = this.#options;
    const startedAtMs = now();
    const [run] = this.waiting;
    if (this.#isRunning || run === undefined || !(isIdle || this.#isDue(startedAtMs))) return;
    const result = group.tryRun(run.batch, { timeoutMs: run.timeoutMs });
    if (result === undefined) return;
    this.waiting.shift();
    this.#isRunning = true;
    result.then(run.resolve, run.reject).finally(() => this.#end(startedAtMs));
  }

  /** Otherwise it would never come to its turn while requests never pause. */
  #isDue(nowMs: number): boolean {
    return nowMs - this.#waitsSinceMs >= Math.max(leastWaitMs, waitFactor * this.#lastTookMs);
  }

  #end(startedAtMs: number): void {
    this.#isRunning = false;
    this.#waitsSinceMs = this.#options.now();
    this.#lastTookMs = this.#waitsSinceMs - startedAtMs;
    this.#options.onEnded();
  }

  /** Fails what waits, and whatever comes. */
  close(reason: unknown = closed()): void {
    this.#isClosed = true;
    for (const run of this.waiting.splice(0)) run.reject(reason);
  }
}

const closed = (): ProcessFailure => new ProcessFailure('CLOSED', 'the version is not served any more');
