import { readFileSync } from 'node:fs';
import { residentBytes } from '../../src/processes/process-status.js';
import type { ServerProcess } from '../../test/support/server-process.js';

/** Memory of a server's processes. */
export interface ServerMemory {
  readonly engines: number;
  readonly workerBytes: number;
  /** Resident memory of all engine processes, what they share counted for each. */
  readonly enginesBytes: number;
  /** The same with what is shared divided among those that share it: what a container is charged with. */
  readonly enginesProportionalBytes: number;
}

export function memoryOf(server: ServerProcess): ServerMemory {
  const engines = server.enginePids();
  return {
    engines: engines.length,
    workerBytes: residentBytes(server.child.pid as number) ?? 0,
    enginesBytes: sum(engines, (pid) => residentBytes(pid) ?? 0),
    enginesProportionalBytes: sum(engines, proportionalBytes),
  };
}

function proportionalBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
  return Number(kilobytes) * 1024;
}

const sum = (pids: readonly number[], bytesOf: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + bytesOf(pid), 0);
