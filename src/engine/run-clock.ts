import { DeadlineTimer } from './deadline-timer.js';

/** `STALLED`: the time was over, but the process had hardly been given a processor. */
export type Overrun = 'RUN_TIMEOUT' | 'STALLED';

export interface RunClockOptions {
  /** Milliseconds that the process has had a processor; undefined where that is unknown. */
  readonly processorMs: () => number | undefined;
  readonly onOverdue: (overrun: Overrun) => void;
}

/** The last part of a run's time, in which the process is watched: long enough for the kernel's accounts to move. */
const watchedShare = 0.25;
const shortestWatchMs = 50;
const longestWatchMs = 500;
/** Of the time in which it is watched. With more than this a run would be over that may take a hundred times what it costs. */
const stalledShare = 0.01;

/**
 * The time that the run at hand may take. Whoever is late because its process was stopped, or kept from the processor
 * by what else runs on the machine, is not at fault: towards the end it is looked at whether the process computes.
 */
export class RunClock {
  readonly #options: RunClockOptions;
  readonly #timer = new DeadlineTimer(() => this.#watch());
  #watchMs = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(options: RunClockOptions) {
    this.#options = options;
  }

  /** Replaces the time by one so long from now; undefined: by none. */
  set(timeoutMs: number | undefined): void {
    if (this.#watching !== undefined) this.#stopWatching();
    if (timeoutMs === undefined) {
      this.#timer.set(undefined);
      return;
    }
    this.#watchMs = Math.max(shortestWatchMs, Math.min(longestWatchMs, watchedShare * timeoutMs));
    this.#timer.set(Math.max(0, timeoutMs - this.#watchMs));
  }

  clear(): void {
    this.#stopWatching();
    this.#timer.clear();
  }

  #watch(): void {
    const { processorMs, onOverdue } = this.#options;
    const watchMs = this.#watchMs;
    const before = processorMs();
    this.#watching = setTimeout(() => {
      this.#watching = undefined;
      const after = processorMs();
      const isStalled = before !== undefined && after !== undefined && after - before < stalledShare * watchMs;
      onOverdue(isStalled ? 'STALLED' : 'RUN_TIMEOUT');
    }, watchMs);
  }

  #stopWatching(): void {
    clearTimeout(this.#watching);
    this.#watching = undefined;
  }
}
