import { readFileSync } from 'node:fs';

/** Whether the process runs or waits for something; not when it has ended, even if nobody has taken note of it yet. */
export const isAlive = (pid: number): boolean => /^State:\s+[^ZX]/m.test(readOrNothing(`/proc/${pid}/status`));

/** Program and arguments of a process; of one that has ended, nothing. */
export const commandLine = (pid: number | string): readonly string[] =>
  readOrNothing(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);

/** Whether a file whose path has this in it, such as a native library's, lies in the process's memory. */
export const hasMapped = (pid: number, part: string): boolean => readOrNothing(`/proc/${pid}/maps`).includes(part);

/** A process may end between any look at it and the next one. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
