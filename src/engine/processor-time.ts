import { readFileSync } from 'node:fs';

/** Milliseconds that the main thread of a process has had a processor; undefined where the system does not say. */
export function processorMs(pid: number): number | undefined {
  try {
    const nanoseconds = Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]);
    return Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : undefined;
  } catch {
    return undefined;
  }
}
