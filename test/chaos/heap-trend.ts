import type { WorkerSample } from './worker-watch.js';

/** What memory in use never fell below in the first and in the last third of the samples: garbage comes and goes, a leak stays. */
export interface HeapTrend {
  readonly earlyBytes: number;
  readonly lateBytes: number;
}

export function heapTrend(samples: readonly WorkerSample[]): HeapTrend {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const least = (some: readonly WorkerSample[]): number => Math.min(...some.map(({ usedBytes }) => usedBytes));
  return { earlyBytes: least(samples.slice(0, third)), lateBytes: least(samples.slice(-third)) };
}
