import { readFileSync } from 'node:fs';
import type { ServerProcess } from '../../end-to-end/server-process.js';
import { pause } from '../pause.js';
import { did, type Torment } from '../world.js';

/** Stops the engine process of `spin` from running, without ending it: to the server, a run that does not end. */
export const freezeEngines: Torment = async (world, signal) => {
  const { server, random } = world;
  while (!signal.aborted) {
    await pause(random.integer(5000, 9000), signal);
    const pid = enginesOf(server, 'spin/1')[0];
    if (pid === undefined || signal.aborted) continue;
    try {
      process.kill(pid, 'SIGSTOP');
      did(world, 'engines frozen');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
};

/** Process ids of a version's engines, by the label on their command line. */
export const enginesOf = (server: ServerProcess, label: string): number[] =>
  server.enginePids().filter((pid) => commandLine(pid).includes(label));

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
