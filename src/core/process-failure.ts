/** How work failed through the process that did it rather than through an error that the process answered. */
export type ProcessFailureKind =
  | 'CRASHED'
  | 'RUN_TIMEOUT'
  /** The time was over, but the process had been stopped or kept from the processor, and computed nothing. */
  | 'STALLED'
  | 'CLOSED';

/** The process that held the work is gone. The work may be done again: it changes nothing. */
export class ProcessFailure extends Error {
  override readonly name = 'ProcessFailure';
  readonly kind: ProcessFailureKind;
  /** The signal (`SIGSEGV`) or exit code (`exit code 1`) that ended the process. */
  readonly exit: string;
  /** False for what waited behind the work at hand: it cannot be the cause. */
  readonly wasRunning: boolean;

  /** `cause`: a ServingError where more is known than that the process is gone. */
  constructor(kind: ProcessFailureKind, exit: string, wasRunning = true, options: ErrorOptions = {}) {
    super(`the process ended while it was at work (${exit})`, options);
    this.kind = kind;
    this.exit = exit;
    this.wasRunning = wasRunning;
  }

  /**
   * By an operator, by the kernel's memory killer, who may have meant another one, or stopped: rarely the work's fault. What
   * nobody saw the end of may have been killed, too.
   */
  get wasKilled(): boolean {
    if (this.kind === 'STALLED') return true;
    return this.kind === 'CRASHED' && (this.exit === 'SIGKILL' || this.exit.startsWith(unknownExit));
  }
}

/** How the exit of a process begins that nobody saw. */
export const unknownExit = 'an unknown exit';

/** Work may be at hand at so many ends of its process and be done again; at one more it is poison. Kills count less than crashes. */
export const endsAllowed = { crashes: 1, kills: 3 } as const;
