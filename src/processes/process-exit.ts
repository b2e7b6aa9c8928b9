import type { ProcessFailureKind } from '../core/process-failure.js';

const keptCharacters = 8192;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a log begin with one.
const colours = /\u001b\[[0-9;]*m/g;
/** Frames of a native stack trace and its rulers say nothing to an operator. */
const isNoise = (line: string): boolean => /^[\s#]*$|^\s*\d+: 0x|^<?-{3}|stack ?trace/i.test(line);

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
export const killReasons: Partial<Record<ProcessFailureKind, string>> = {
  RUN_TIMEOUT: 'ended by the server because a run took longer than it may',
  STALLED: 'ended by the server because it did not get on with a run: stopped, or kept from the processor',
};

/** The end of what a process writes to its standard error. */
export class LastWords {
  #text = '';

  push(chunk: string): void {
    this.#text = (this.#text + chunk).slice(-keptCharacters);
  }

  /** The last line, or few, that says something; empty when none does. */
  summary(lines = 2): string {
    const telling = this.#text
      .replace(colours, '')
      .split('\n')
      .filter((line) => !isNoise(line));
    return telling
      .slice(-lines)
      .map((line) => line.replace(/^[#\s]+/, '').trim())
      .join('; ');
  }
}
