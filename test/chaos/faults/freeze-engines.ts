import { enginesOf } from '../../support/engines-of.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

const startedWithinMs = 1000;

/** Stops the engine process of `spin` from running, without ending it: to the server, a run that does not end. */
export const freezeEngines: Fault = async (world, signal) => {
  const { server, random } = world;
  while (!signal.aborted) {
    await pause(random.between(5000, 9000), signal);
    const before = enginesOf(server, 'spin/1');
    await pause(startedWithinMs, signal);
    // One that is being started would be given the time that loading may take.
    const pid = enginesOf(server, 'spin/1').find((engine) => before.includes(engine));
    if (pid === undefined || signal.aborted) continue;
    try {
      process.kill(pid, 'SIGSTOP');
      note(world, 'engines frozen');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
};
