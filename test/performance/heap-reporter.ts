/** Loaded into a server with `--import`: tells its parent what it has allocated whenever it is asked. */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { HeapReport, HeapWish } from './measured-server.js';

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

process.on('message', (wish: HeapWish) => {
  // Twice: what was made a moment ago is given up by the first only.
  if (wish === 'report live') [1, 2].forEach(() => void globalThis.gc?.());
  const report: HeapReport = {
    collections,
    heapBytes: getHeapStatistics().used_heap_size,
    bufferBytes: process.memoryUsage().arrayBuffers,
  };
  process.send?.(report);
});
// The parent may go on without it.
process.channel?.unref();
