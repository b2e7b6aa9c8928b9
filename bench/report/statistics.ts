import { median } from '../../test/support/statistics.js';
import type { Sample } from '../contenders/contender.js';
import type { Series } from '../sections/series.js';

export const medianOf = ({ rounds }: Series, pick: (sample: Sample) => number): number => median(rounds.map(pick));

/** The median over the rounds of one series' value over another's in the same round. */
export function ratio(series: Series, to: Series, pick: (sample: Sample) => number): number {
  return median(series.rounds.map((sample, round) => pick(sample) / pick(to.rounds[round] as Sample)));
}

export const requestsPerSecond = (sample: Sample): number => sample.requestsPerSecond;
export const cpuUs = (sample: Sample): number => sample.workerCpuUs + sample.engineCpuUs;
