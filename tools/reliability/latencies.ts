/** The latency that this share of the requests did not exceed. */
export function quantile(latenciesMs: readonly number[], share: number): number {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Cells of a table: how many, the median, the 99th percentile and the longest. */
export const summary = (latenciesMs: readonly number[]): readonly string[] => [
  String(latenciesMs.length),
  ...[0.5, 0.99, 1].map((share) => quantile(latenciesMs, share).toFixed(1)),
];
