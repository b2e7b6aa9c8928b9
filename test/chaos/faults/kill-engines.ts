import { pause } from '../../support/pause.js';
import { metricsOf } from '../../support/quiet-state.js';
import { type Fault, note, type World } from '../world.js';

/** Kills a random engine process every now and then, sometimes all of them at once. */
export const killEngines: Fault = async (world, signal) => {
  const { server, random } = world;
  while (!signal.aborted) {
    await pause(random.between(200, 1500), signal);
    const pids = server.enginePids();
    if (pids.length === 0) continue;
    // All of them only once all are up: a model whose process ends six times while it starts is given up.
    const victims = random.next() < 0.1 && (await areAllUp(world)) ? pids : [random.pick(pids)];
    for (const pid of victims) if (kill(pid)) note(world, 'engines killed');
  }
};

const areAllUp = async ({ server }: World): Promise<boolean> =>
  (await metricsOf(server)).values('slipway_instances').every((instances) => instances > 0);

/** False when it has ended by itself meanwhile. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
