import type { ProcessorTimes } from './process-status.js';

/** `STALLED`: the time was over, but the process had hardly been given a processor. */
export type Overrun = 'RUN_TIMEOUT' | 'STALLED';

export interface RunClockOptions {
  /** Of the process; undefined where that is unknown. */
  readonly processorTimes: () => ProcessorTimes | undefined;
  readonly onOverdue: (overrun: Overrun) => void;
}

/** The last part of a run's time, in which the process is watched: long enough for the kernel's accounts to move. */
const watchedShare = 0.25;
const shortestWatchMs = 50;
const longestWatchMs = 500;
/** Of the time in which it is watched. With more than this a run would be over that may take a hundred times what it costs. */
const stalledShare = 0.01;
/** Of that time spent waiting for a processor: with more than this it is not the run that is slow. */
const crowdedOutShare = 0.5;
/** Until the process is looked at again, in terms of how long it is watched. */
const restsPerWatch = 4;
/** A timer may go off so much too early. */
const timerStepMs = 1;

/**
 * The time that the run at hand may take. Whoever is late because its process was stopped, or kept from the processor
 * by what else runs on the machine, is not at fault: towards the end it is looked at whether the process computes. A run
 * that is overdue sooner than its time is over goes on where others keep its process from computing.
 */
export class RunClock {
  readonly #options: RunClockOptions;
  #watchMs = 0;
  /** When the time is over, whoever is at fault. */
  #overAtMs = 0;
  /** When the last part of the time begins; Infinity where no time was set. */
  #watchFromMs = Number.POSITIVE_INFINITY;
  /** One timer for a succession of times: while they only move later, as those of many short runs do, none is armed or cleared. */
  #timer: NodeJS.Timeout | undefined;
  #firesAtMs = Number.POSITIVE_INFINITY;
  #watching: NodeJS.Timeout | undefined;

  constructor(options: RunClockOptions) {
    this.#options = options;
  }

  /** Replaces the time by one so long from now; undefined: by none. */
  set(timeoutMs: number | undefined, overdueAfterMs = timeoutMs): void {
    if (this.#watching !== undefined) this.#stopWatching();
    if (timeoutMs === undefined || overdueAfterMs === undefined) {
      this.#watchFromMs = Number.POSITIVE_INFINITY;
      return;
    }
    const nowMs = performance.now();
    this.#overAtMs = nowMs + timeoutMs;
    this.#watchMs = Math.max(shortestWatchMs, Math.min(longestWatchMs, watchedShare * overdueAfterMs));
    this.#watchFromMs = nowMs + Math.max(0, overdueAfterMs - this.#watchMs);
    if (this.#firesAtMs > this.#watchFromMs) this.#arm();
  }

  clear(): void {
    this.#stopWatching();
    clearTimeout(this.#timer);
    this.#watchFromMs = Number.POSITIVE_INFINITY;
    this.#firesAtMs = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#firesAtMs = this.#watchFromMs;
    this.#timer = setTimeout(() => this.#fire(), Math.max(1, Math.ceil(this.#watchFromMs - performance.now())));
  }

  #fire(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY;
    if (this.#watchFromMs === Number.POSITIVE_INFINITY) return;
    if (performance.now() < this.#watchFromMs) {
      this.#arm();
      return;
    }
    this.#watchFromMs = Number.POSITIVE_INFINITY;
    this.#watch();
  }

  #watch(): void {
    const { processorTimes, onOverdue } = this.#options;
    const watchMs = this.#watchMs;
    const before = processorTimes();
    this.#watching = setTimeout(() => {
      this.#watching = undefined;
      const after = processorTimes();
      // NaN where it is unknown: no comparison with it holds.
      const ranMs = Number(after?.ranMs) - Number(before?.ranMs);
      const waitedMs = Number(after?.waitedMs) - Number(before?.waitedMs);
      const goesOn = waitedMs > crowdedOutShare * watchMs && this.#overAtMs - performance.now() > timerStepMs;
      if (goesOn) this.#watchAgain();
      else onOverdue(ranMs < stalledShare * watchMs ? 'STALLED' : 'RUN_TIMEOUT');
    }, watchMs);
  }

  #watchAgain(): void {
    const nowMs = performance.now();
    this.#watchFromMs = Math.min(
      nowMs + restsPerWatch * this.#watchMs,
      Math.max(nowMs, this.#overAtMs - this.#watchMs),
    );
    this.#arm();
  }

  #stopWatching(): void {
    clearTimeout(this.#watching);
    this.#watching = undefined;
  }
}
