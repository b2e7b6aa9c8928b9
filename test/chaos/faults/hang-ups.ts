import { pause } from '../../support/pause.js';
import { doubling } from '../../support/tiny-questions.js';
import { type Fault, note } from '../world.js';

/** Callers who leave: some while their request waits, some while it is computed, some before all of it was sent. */
export const hangUps: Fault = async (world, signal) => {
  const { caller, random } = world;
  const ask = doubling('spin', 20_000);
  while (!signal.aborted) {
    await pause(random.between(0, 60), signal);
    const leaving = Array.from({ length: random.between(1, 6) }, () => {
      if (random.next() < 0.4) {
        note(world, 'bodies truncated');
        return caller.truncate(ask(random), random.next() * 0.9);
      }
      note(world, 'callers who hung up');
      return caller.hangUp(ask(random), random.between(0, 30));
    });
    await Promise.all(leaving);
  }
};
