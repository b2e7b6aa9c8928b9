import { performance } from 'node:perf_hooks';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

export interface BuildInfo {
  /** Slipway's. */
  readonly version: string;
  /** The engine's. */
  readonly onnxruntime: string;
}

/**
 * Left out of prom-client's own: gauges named as if they were counters, handle lists read from private fields of Node,
 * and delays of the event loop that start anew at every scrape, so that two scrapers would each see half of them.
 */
const leftOut = /^nodejs_(eventloop_lag.*|active_handles.*|active_requests.*|active_resources_total)$/;

/** Memory, CPU, files and garbage collection of the worker process, and what was built. */
export function registerProcessMetrics(registry: Registry, build: BuildInfo): void {
  // The monitor of what is left out wakes up once an hour instead of a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 3_600_000 });
  for (const { name } of registry.getMetricsAsArray()) if (leftOut.test(name)) registry.removeSingleMetric(name);

  new Gauge({
    name: 'slipway_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'onnxruntime', 'node'],
    aggregator: 'first',
    registers: [registry],
  }).set({ ...build, node: process.versions.node }, 1);

  new Counter({
    name: 'slipway_event_loop_active_seconds_total',
    help: 'Time the event loop of the worker process was not idle; its rate is the utilization, 1 at most.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(performance.eventLoopUtilization().active / 1000);
    },
  });
}
