import { residentBytes } from '../../src/processes/process-status.js';
import type { MetricsPage } from '../support/metrics-page.js';
import { pause } from '../support/pause.js';
import { metricsOf, openFiles, unanswered, usedBytes } from '../support/quiet-state.js';
import type { ServerProcess } from '../support/server-process.js';

/** The worker process at one moment. */
export interface WorkerSample {
  readonly seconds: number;
  readonly residentBytes: number;
  /** JavaScript heap and buffers in use; falls with every garbage collection. */
  readonly usedBytes: number;
  readonly openFiles: number;
  readonly engines: number;
  readonly unanswered: number;
  readonly requests: number;
}

export interface WorkerWatchOptions {
  readonly everyMs: number;
  readonly onSample: (sample: WorkerSample, page: MetricsPage) => void;
  /** Called where the page of metrics could not be had. */
  readonly onProblem: (problem: string) => void;
}

/** Looks at the worker process every so often until the signal aborts. */
export async function watchWorker(
  server: ServerProcess,
  signal: AbortSignal,
  { everyMs, onSample, onProblem }: WorkerWatchOptions,
): Promise<void> {
  const pid = server.child.pid as number;
  const startedAtMs = performance.now();
  while (!signal.aborted) {
    try {
      const page = await metricsOf(server);
      const sample = {
        seconds: (performance.now() - startedAtMs) / 1000,
        residentBytes: residentBytes(pid) ?? 0,
        usedBytes: usedBytes(page),
        openFiles: openFiles(server),
        engines: server.enginePids().length,
        unanswered: unanswered(page),
        requests: page.sum('slipway_requests_total'),
      };
      onSample(sample, page);
    } catch (error) {
      onProblem(`the page of metrics: ${(error as Error).message}`);
    }
    await pause(everyMs, signal);
  }
}
