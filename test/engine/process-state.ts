import { readFileSync } from 'node:fs';

/** Whether the process runs or waits for something; not when it has ended, even if nobody has taken note of it yet. */
export const isAlive = (pid: number): boolean => /^State:\s+[^ZX]/m.test(readOrNothing(`/proc/${pid}/status`));

/** The command line of a process; empty when it has ended. */
export const commandLineOf = (pid: number | string): string => readOrNothing(`/proc/${pid}/cmdline`);

/** A process may end between any look at it and the next one. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
