/** `error`: it cannot be served so. `warning`: it can, but not as well as it might. `note`: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** Something about a model file that whoever deploys it should know. */
export interface Finding {
  readonly severity: Severity;
  /** A stable name for scripts, `fixed-batch`, say. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}
