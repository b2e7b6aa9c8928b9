import { pause } from '../pause.js';
import { doubling } from '../tiny-questions.js';
import { did, type Torment } from '../world.js';

/** Callers who leave: some while their request waits, some while it is computed, some before all of it was sent. */
export const hangUps: Torment = async (world, signal) => {
  const { caller, random } = world;
  const ask = doubling('spin', 20_000);
  while (!signal.aborted) {
    await pause(random.integer(0, 60), signal);
    const leaving = Array.from({ length: random.integer(1, 6) }, () => {
      if (random.next() < 0.4) {
        did(world, 'bodies truncated');
        return caller.truncate(ask(random), random.next() * 0.9);
      }
      did(world, 'callers who hung up');
      return caller.hangUp(ask(random), random.integer(0, 30));
    });
    await Promise.all(leaving);
  }
};
