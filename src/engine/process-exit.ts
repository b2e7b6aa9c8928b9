/** How a process ended. */
export interface ProcessExit {
  /** `SIGSEGV`, `exit code 1`. */
  readonly cause: string;
  /** What the process had written last, where it tells something. */
  readonly lastWords: string;
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
export function describeExit({ cause, lastWords }: ProcessExit): string {
  const meaning = meanings[cause];
  return cause + (meaning === undefined ? '' : `, ${meaning}`) + (lastWords === '' ? '' : `: ${lastWords}`);
}
