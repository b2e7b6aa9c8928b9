import type { BatchSizeStatistics, DurationTotal, ServableStatistics } from '../core/inference-service.js';
import { formatId } from '../core/model.js';

/** One entry a version, in the order of the first worker that has it, with what all workers did. */
export function mergeStatistics(workers: readonly (readonly ServableStatistics[])[]): ServableStatistics[] {
  const versions = new Map<string, ServableStatistics>();
  for (const statistics of workers.flat()) {
    const key = formatId(statistics.id);
    const known = versions.get(key);
    versions.set(key, known === undefined ? statistics : add(known, statistics));
  }
  return [...versions.values()];
}

const add = (a: ServableStatistics, b: ServableStatistics): ServableStatistics => ({
  id: a.id,
  lastInferenceAt: Math.max(a.lastInferenceAt, b.lastInferenceAt),
  rowCount: a.rowCount + b.rowCount,
  batchCount: a.batchCount + b.batchCount,
  success: total(a.success, b.success),
  failure: total(a.failure, b.failure),
  queue: total(a.queue, b.queue),
  transfer: total(a.transfer, b.transfer),
  compute: total(a.compute, b.compute),
  batchSizes: mergeSizes([...a.batchSizes, ...b.batchSizes]),
});

const total = (a: DurationTotal, b: DurationTotal): DurationTotal => ({
  count: a.count + b.count,
  totalMs: a.totalMs + b.totalMs,
});

function mergeSizes(sizes: readonly BatchSizeStatistics[]): BatchSizeStatistics[] {
  const merged = new Map<number, DurationTotal>();
  for (const { rows, compute } of sizes) {
    const known = merged.get(rows);
    merged.set(rows, known === undefined ? compute : total(known, compute));
  }
  return [...merged].sort(([a], [b]) => a - b).map(([rows, compute]) => ({ rows, compute }));
}
