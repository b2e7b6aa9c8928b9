import type { Contender, Sample, Window } from '../contenders/contender.js';

/** What one contender came to at one workload, round by round; `rounds[i]` of all series of a group lie side by side. */
export interface Series {
  readonly contender: string;
  readonly workload: string;
  /** As it is asked: v1, v2, v2-binary, or what the contender has of its own. */
  readonly protocol: string;
  readonly connections: number;
  readonly rounds: readonly Sample[];
}

export interface Entry {
  readonly contender: Contender;
  readonly workload: string;
  readonly protocol: string;
}

/** All contenders take turns, and another one begins in each round. One stretch of each before the first round is thrown away. */
export async function measureInTurns(entries: readonly Entry[], window: Window, rounds: number): Promise<Series[]> {
  const samples = entries.map((): Sample[] => []);
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const index = (turn + round + entries.length) % entries.length;
      const sample = await (entries[index] as Entry).contender.sample(window);
      if (round >= 0) samples[index]?.push(sample);
    }
  }
  return entries.map(({ contender, workload, protocol }, index) => ({
    contender: contender.name,
    workload,
    protocol,
    connections: window.connections,
    rounds: (samples[index] as Sample[]).map(rounded),
  }));
}

/** Enough digits for any table, and no more in the file of results. */
const rounded = (sample: Sample): Sample =>
  Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [key, Number(value.toPrecision(5))]),
  ) as unknown as Sample;
