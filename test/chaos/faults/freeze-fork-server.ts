import { pause } from '../../support/pause.js';
import { commandLine } from '../../support/process-state.js';
import { type Fault, note, type World } from '../world.js';

/** Stops the process that starts engine processes, for a while: engines that die meanwhile are missed all the same. */
export const freezeForkServer: Fault = async (world, signal) => {
  const { random } = world;
  while (!signal.aborted) {
    await pause(random.between(3000, 7000), signal);
    const pid = forkServerOf(world);
    if (pid === undefined || signal.aborted || !send(pid, 'SIGSTOP')) continue;
    note(world, 'fork servers frozen');
    await pause(random.between(300, 4000), signal);
    send(pid, 'SIGCONT');
  }
};

const forkServerOf = ({ server }: World): number | undefined =>
  server.descendants().find((pid) => commandLine(pid).some((part) => part.endsWith('/fork-server.js')));

/** False when it has ended meanwhile. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
