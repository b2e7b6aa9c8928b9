import { quantile } from '../../test/support/statistics.js';

/** Cells of a table: how many, the median, the 99th percentile and the longest. */
export const summary = (latenciesMs: readonly number[]): readonly string[] => [
  String(latenciesMs.length),
  ...[0.5, 0.99, 1].map((share) => quantile(latenciesMs, share).toFixed(1)),
];
