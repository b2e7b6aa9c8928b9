import { commandLine } from './process-state.js';
import type { ServerProcess } from './server-process.js';

/** Process ids of a version's own engine processes, by the label on their command line, such as `spin/1`. */
export const enginesOf = (server: ServerProcess, label: string): number[] =>
  server.enginePids().filter((pid) => commandLine(pid).includes(label));
