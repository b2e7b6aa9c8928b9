import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks are hundredths of a second for every program. */
const tickUs = 10_000;

const readOr = (path: string, otherwise: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has just ended.
    return otherwise;
  }
};

const children = (pid: number): number[] => {
  const tasks = ((): string[] => {
    try {
      return readdirSync(`/proc/${pid}/task`);
    } catch {
      return [];
    }
  })();
  return tasks.flatMap((task) =>
    readOr(`/proc/${pid}/task/${task}/children`, '').split(' ').filter(Boolean).map(Number),
  );
};

/** Ids of all processes below this one. */
const descendants = (pid: number): number[] => children(pid).flatMap((child) => [child, ...descendants(child)]);

/** Those of them that compute; what only starts them is left out. */
export const engineProcesses = (pid: number): number[] =>
  descendants(pid).filter((child) => !readOr(`/proc/${child}/cmdline`, '').includes('/fork-server.js'));

/** User and system time of all of a process's threads, in microseconds. */
function cpuUs(pid: number): number {
  // Behind the command, which is in parentheses and may hold anything.
  const fields = readOr(`/proc/${pid}/stat`, ') ').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * tickUs;
}

export interface CpuTimes {
  readonly processUs: number;
  readonly descendantsUs: number;
}

/** CPU time used so far by a process, and by those below it. Linux only; zero elsewhere. */
export const cpuTimes = (pid: number): CpuTimes => ({
  processUs: cpuUs(pid),
  descendantsUs: descendants(pid).reduce((sum, child) => sum + cpuUs(child), 0),
});

/** Memory of one process that lies in RAM, in bytes: now, and at its peak. */
export function residentBytes(pid: number): { now: number; peak: number } {
  const status = readOr(`/proc/${pid}/status`, '');
  const bytes = (key: string): number => 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}
