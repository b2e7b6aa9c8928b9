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

/** An entry whose server lives for one measurement. */
export interface PassingEntry extends Entry {
  stop(): Promise<void>;
}

/**
 * As `measureInTurns`, with a new process each time: what V8 makes of a program differs by a tenth from one process to the
 * next, which is more than some differences that are to be found.
 */
export async function measureAnew(
  starts: readonly (() => Promise<PassingEntry>)[],
  window: Window,
  rounds: number,
): Promise<Series[]> {
  const series = starts.map((): Series[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < starts.length; turn++) {
      const index = (turn + round) % starts.length;
      const { contender, workload, protocol, stop } = await (starts[index] as (typeof starts)[number])();
      try {
        const sample = rounded(await contender.sample(window));
        const { connections } = window;
        series[index]?.push({ contender: contender.name, workload, protocol, connections, rounds: [sample] });
      } finally {
        await stop();
      }
    }
  }
  return series.map((all) => ({ ...(all[0] as Series), rounds: all.flatMap((one) => one.rounds) }));
}

/** Enough digits for any table, and no more in the file of results. */
const rounded = (sample: Sample): Sample =>
  Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [key, Number(value.toPrecision(5))]),
  ) as unknown as Sample;
