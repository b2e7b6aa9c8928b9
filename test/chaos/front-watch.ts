import { residentBytes } from '../../src/engine/process-memory.js';
import type { ServerProcess } from '../end-to-end/server-process.js';
import { pause } from './pause.js';
import { metricsOf, openFiles, unanswered } from './quiet-state.js';

/** The front process at one moment. */
export interface FrontSample {
  readonly seconds: number;
  readonly residentBytes: number;
  /** JavaScript heap and buffers in use; falls with every garbage collection. */
  readonly usedBytes: number;
  readonly openFiles: number;
  readonly engines: number;
  readonly unanswered: number;
  readonly requests: number;
}

/** Looks at the front process every so often until the signal aborts. */
export async function watchFront(
  server: ServerProcess,
  signal: AbortSignal,
  { everyMs, onSample }: { everyMs: number; onSample: (sample: FrontSample) => void },
): Promise<void> {
  const pid = server.child.pid as number;
  const startedAtMs = performance.now();
  while (!signal.aborted) {
    const page = await metricsOf(server);
    onSample({
      seconds: (performance.now() - startedAtMs) / 1000,
      residentBytes: residentBytes(pid) ?? 0,
      usedBytes: page.sum('nodejs_heap_size_used_bytes') + page.sum('nodejs_external_memory_bytes'),
      openFiles: openFiles(server),
      engines: server.enginePids().length,
      unanswered: unanswered(page),
      requests: page.sum('slipway_requests_total'),
    });
    await pause(everyMs, signal);
  }
}
