export interface Command {
  readonly help: () => string;
  /** Resolves with the exit code: 0 done, 1 failed, 2 wrong arguments. */
  readonly run: (argv: readonly string[]) => Promise<number>;
}

export interface CommandEntry {
  /** What is given to it, as the usage shows it. */
  readonly form: string;
  readonly summary: string;
  /** Each is loaded when it is called for. */
  readonly load: () => Promise<Command>;
}
