import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';
import { giantCall } from './giant-answers.js';

/** More than lies in the sockets' buffers. */
const zeros = 2 ** 23;
const most = 6;
/** The server closes on who takes nothing for 30 s; this waits a little longer for it. */
const patienceMs = 45_000;

/** Callers who ask for a giant answer and rest when it has begun: for a while, or until the server has cut them off. */
export const readersThatStop: Fault = async (world, signal) => {
  const { caller, random, findings } = world;
  const held = new Set<Promise<void>>();
  while (!signal.aborted) {
    await pause(random.between(500, 3000), signal);
    if (held.size >= most || signal.aborted) continue;
    const stays = random.next() < 0.5;
    const afterMs = stays ? patienceMs : random.between(100, 5000);
    const holding = caller.readMuchLater(giantCall(zeros), { afterMs, answerBytes: 2 * zeros, signal }).then((end) => {
      held.delete(holding);
      note(world, `readers that stop: ${end}`);
      if (stays && end === 'all of it') findings.push(`a caller who read nothing for ${patienceMs} ms was not cut off`);
      if (!stays && end === 'cut off') findings.push(`a caller who read nothing for ${afterMs} ms was cut off`);
    });
    held.add(holding);
  }
  await Promise.all(held);
};
