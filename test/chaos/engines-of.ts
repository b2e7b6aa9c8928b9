import { readFileSync } from 'node:fs';
import type { ServerProcess } from '../end-to-end/server-process.js';

/** Process ids of a version's own engine processes, by the label on their command line, such as `spin/1`. */
export const enginesOf = (server: ServerProcess, label: string): number[] =>
  server.enginePids().filter((pid) => commandLine(pid).includes(label));

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
