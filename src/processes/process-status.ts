import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** What the system knows of a process; nothing of one that is gone, and outside of Linux. */
export interface ProcessStatus {
  /** By a signal or a debugger: it computes nothing until it is told to go on. */
  readonly isStopped: boolean;
  /** How it ended, where it has and nobody has taken note of it yet: `SIGSEGV`, `exit code 1`. */
  readonly ended?: string;
}

/** The last field tells it as `wait` does: the signal below, the exit code above. */
export function processStatus(pid: number): ProcessStatus | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The program's name comes before, in brackets, and may hold anything.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ');
  const [state = ''] = fields;
  if (!'ZX'.includes(state)) return { isStopped: 'Tt'.includes(state) };
  const code = Number(fields.at(-1));
  const signal = Object.entries(constants.signals).find(([, number]) => number === (code & 0x7f))?.[0];
  return { isStopped: false, ended: signal ?? `exit code ${code >> 8}` };
}

/** Resident memory of a process; undefined where the system does not say or the process has ended. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Of the main thread of a process, in milliseconds. */
export interface ProcessorTimes {
  readonly ranMs: number;
  /** It could have run, and others had the processor. */
  readonly waitedMs: number;
}

/** Undefined where the system does not say. */
export function processorTimes(pid: number): ProcessorTimes | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ').map(Number);
    if (ran === undefined || waited === undefined || !Number.isFinite(ran + waited)) return undefined;
    return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return undefined;
  }
}
