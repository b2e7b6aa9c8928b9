import { pause } from '../pause.js';
import { did, type Torment } from '../world.js';

/** Kills a random engine process every now and then, sometimes all of them at once. */
export const killEngines: Torment = async (world, signal) => {
  const { server, random } = world;
  while (!signal.aborted) {
    await pause(random.integer(200, 1500), signal);
    const pids = server.enginePids();
    if (pids.length === 0) continue;
    const victims = random.next() < 0.1 ? pids : [random.pick(pids)];
    for (const pid of victims) if (kill(pid)) did(world, 'engines killed');
  }
};

/** False when it has ended by itself meanwhile. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
