import { performance } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { HistogramFamily, type HistogramSeries } from './histogram-family.js';

/** To wake a process that rests costs a tenth of a millisecond and more. */
const sampleIntervalMs = 100;

/** Seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Measures how much later than asked for the event loop runs a timer: what else of the front process waits as long. */
export class EventLoopDelay {
  readonly #delays: HistogramSeries;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: Registry) {
    this.#delays = new HistogramFamily({
      registry,
      name: 'slipway_event_loop_delay_seconds',
      help: `How late the event loop of the front process ran a timer, sampled every ${sampleIntervalMs} ms.`,
      labelNames: [],
      bounds,
    }).open({});
  }

  start(): void {
    let last = performance.now();
    this.#timer ??= setInterval(() => {
      const now = performance.now();
      this.#delays.observe(Math.max(0, now - last - sampleIntervalMs) / 1000);
      last = now;
    }, sampleIntervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
