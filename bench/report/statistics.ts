import type { Sample } from '../contenders/contender.js';
import type { Series } from '../sections/series.js';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] ?? Number.NaN) + (sorted[half] ?? Number.NaN)) / 2;
}

/** The value that a share of all are at most. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const medianOf = ({ rounds }: Series, pick: (sample: Sample) => number): number => median(rounds.map(pick));

/** The median over the rounds of one series' value over another's in the same round. */
export function ratio(series: Series, to: Series, pick: (sample: Sample) => number): number {
  return median(series.rounds.map((sample, round) => pick(sample) / pick(to.rounds[round] as Sample)));
}

export const requestsPerSecond = (sample: Sample): number => sample.requestsPerSecond;
export const cpuUs = (sample: Sample): number => sample.frontCpuUs + sample.engineCpuUs;
