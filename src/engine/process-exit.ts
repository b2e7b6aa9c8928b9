import type { EngineFailureKind } from '../core/inference-engine.js';

/** How a process ended. */
export interface ProcessExit {
  /** `SIGSEGV`, `exit code 1`. */
  readonly cause: string;
  /** What the process had written last, where it tells something. */
  readonly lastWords: string;
  /** What this side killed it for. */
  readonly reason?: string;
}

const meanings: Readonly<Record<string, string>> = {
  SIGABRT: 'it gave up by itself',
  SIGBUS: 'a memory fault',
  SIGFPE: 'an arithmetic fault, such as an integer division by zero',
  SIGILL: 'an instruction this processor lacks',
  SIGKILL: 'killed by the operator, or by the system for lack of memory',
  SIGSEGV: 'a memory fault',
};

/** `SIGFPE, an arithmetic fault …: what it said last`. */
export function describeExit({ cause, lastWords, reason }: ProcessExit): string {
  const meaning = reason ?? meanings[cause];
  return cause + (meaning === undefined ? '' : `, ${meaning}`) + (lastWords === '' ? '' : `: ${lastWords}`);
}

/** Why this side killed a process that was at work. */
export const killReasons: Partial<Record<EngineFailureKind, string>> = {
  RUN_TIMEOUT: 'ended by the server because a run took longer than it may',
  STALLED: 'ended by the server because it did not get on with a run: stopped, or kept from the processor',
};
