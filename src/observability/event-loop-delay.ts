import { performance } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { HistogramFamily } from './metric-families.js';
import type { HistogramSeries } from './series.js';

const busyIntervalMs = 100;
/** To wake a process that rests costs a tenth of a millisecond and more. */
const restIntervalMs = 1000;
/** The intervals of a process that goes on resting are doubled up to this. */
const longestIntervalMs = 8000;
/** From which share of its time on the loop counts as busy. */
const busyShare = 0.02;

/** Seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

export interface EventLoopDelayOptions {
  readonly registry: Registry;
  /** The share of the time since the last call in which the loop had work, 0 to 1. */
  readonly busyShare?: () => number;
}

/** Measures how much later than asked for the event loop runs a timer: what else of the worker process waits as long. */
export class EventLoopDelay {
  readonly #delays: HistogramSeries;
  readonly #busyShare: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ registry, busyShare = measuredShare() }: EventLoopDelayOptions) {
    this.#busyShare = busyShare;
    this.#delays = new HistogramFamily({
      registry,
      name: 'slipway_event_loop_delay_seconds',
      help: `How late the event loop of the worker process ran a timer, sampled every ${busyIntervalMs} ms while it has work, at rest every ${restIntervalMs} to ${longestIntervalMs} ms.`,
      labelNames: [],
      bounds,
    }).open({});
  }

  start(): void {
    if (this.#timer === undefined) this.#wait(busyIntervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(intervalMs: number): void {
    const dueMs = performance.now() + intervalMs;
    this.#timer = setTimeout(() => {
      this.#delays.observe(Math.max(0, performance.now() - dueMs) / 1000);
      const isResting = this.#busyShare() < busyShare;
      this.#wait(isResting ? Math.min(longestIntervalMs, Math.max(restIntervalMs, 2 * intervalMs)) : busyIntervalMs);
    }, intervalMs).unref();
  }
}

function measuredShare(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
