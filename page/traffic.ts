import type { VersionCounts } from './wire.js';

/** What all versions of a model had answered at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly requests: number;
  readonly ns: number;
}

export interface Traffic {
  /** Answered a second. */
  readonly requests: number;
  /** The mean of their latencies, in ms; 0 where there were none. */
  readonly ms: number;
}

export function samplesOf(counts: readonly VersionCounts[], atMs: number): Sample {
  const all = counts.map(({ inference_stats }) => inference_stats.success ?? { count: 0, ns: 0 });
  return {
    atMs,
    requests: all.reduce((sum, { count }) => sum + count, 0),
    ns: all.reduce((sum, { ns }) => sum + ns, 0),
  };
}

/** Between each sample and the next. A version that went takes its counts along: what would be negative is nothing. */
export function trafficOf(samples: readonly Sample[]): readonly Traffic[] {
  return samples.slice(1).map((sample, at) => {
    const before = samples[at] as Sample;
    const requests = Math.max(0, sample.requests - before.requests);
    const ns = Math.max(0, sample.ns - before.ns);
    const seconds = (sample.atMs - before.atMs) / 1000;
    return { requests: seconds > 0 ? requests / seconds : 0, ms: requests === 0 ? 0 : ns / requests / 1e6 };
  });
}
