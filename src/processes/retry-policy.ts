import { endsAllowed, type ProcessFailure } from '../core/process-failure.js';

/** How often a request was being worked on when its process ended. */
export interface Deaths {
  readonly crashes: number;
  /** From outside, or for want of a processor: these count less. */
  readonly kills: number;
}

export const noDeaths: Deaths = { crashes: 0, kills: 0 };

/** What becomes of a request whose process ended. */
export type Verdict =
  /** At once, before what waits: it is not suspected. */
  | 'again'
  /** With nothing behind it, after what waits. */
  | 'again alone'
  /** It ended its process each time, and is not tried again. */
  | 'poison'
  /** There is no process any more, and will be none. */
  | 'over';

export interface Judgement {
  readonly verdict: Verdict;
  readonly deaths: Deaths;
}

/** Of a request that has its process to itself while it is worked on; `deaths`: those before this one. */
export function judge({ crashes, kills }: Deaths, failure: ProcessFailure): Judgement {
  if (failure.kind === 'CLOSED') return { verdict: 'over', deaths: { crashes, kills } };
  if (!failure.wasRunning) return { verdict: 'again', deaths: { crashes, kills } };
  if (failure.wasKilled)
    return { verdict: kills < endsAllowed.kills ? 'again' : 'poison', deaths: { crashes, kills: kills + 1 } };
  const verdict = crashes < endsAllowed.crashes ? 'again alone' : 'poison';
  return { verdict, deaths: { crashes: crashes + 1, kills } };
}
