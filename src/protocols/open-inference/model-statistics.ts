import type { DurationTotal, ServableStatistics } from '../../core/inference-service.js';

const nothing = { count: 0, ns: 0 };

/** `GET …/stats`, as Triton's statistics extension. The way into the engine and back is one figure here: `compute_input`. */
export const modelStatistics = (statistics: readonly ServableStatistics[]): object => ({
  model_stats: statistics.map(versionStatistics),
});

const versionStatistics = (statistics: ServableStatistics): object => ({
  name: statistics.id.name,
  version: String(statistics.id.version),
  last_inference: Math.round(statistics.lastInferenceAt),
  inference_count: statistics.rowCount,
  execution_count: statistics.batchCount,
  inference_stats: {
    success: duration(statistics.success),
    fail: duration(statistics.failure),
    queue: duration(statistics.queue),
    compute_input: duration(statistics.transfer),
    compute_infer: duration(statistics.compute),
    compute_output: { count: statistics.transfer.count, ns: 0 },
    cache_hit: nothing,
    cache_miss: nothing,
  },
  batch_stats: statistics.batchSizes.map(({ rows, compute }) => ({
    batch_size: rows,
    compute_input: { count: compute.count, ns: 0 },
    compute_infer: duration(compute),
    compute_output: { count: compute.count, ns: 0 },
  })),
});

const duration = ({ count, totalMs }: DurationTotal): object => ({ count, ns: Math.round(totalMs * 1e6) });
