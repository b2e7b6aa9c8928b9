import type { Answer, Call } from '../../support/caller.js';
import { isProperRejection } from '../../support/good-client.js';
import { pause } from '../../support/pause.js';
import { type Fault, note } from '../world.js';

/** So many zeros as the answer, from a body of a few bytes. */
export const giantCall = (zeros: number): Call => ({
  path: '/v1/models/giant/predict',
  body: JSON.stringify({ inputs: [zeros] }),
});

/** `{"outputs":[0,0,…]}` */
const isWhole = ({ status, text }: Answer, zeros: number): boolean =>
  status === 200 && text.startsWith('{"outputs":[0') && text.length === 13 + 2 * zeros;

/** Too large for one caller, or for all at once. */
const isRejected = (answer: Answer): boolean =>
  isProperRejection(answer) || (answer.status >= 400 && answer.status < 500 && answer.text.startsWith('{"error":'));

/** Asks for answers many times as large as their question: whole, or rejected with the reason. */
export const giantAnswers: Fault = async (world, signal) => {
  const { caller, random, findings } = world;
  while (!signal.aborted) {
    await pause(random.between(200, 1500), signal);
    const calls = Array.from({ length: random.between(1, 3) }, async () => {
      const zeros = 2 ** random.between(10, random.next() < 0.1 ? 23 : 20);
      const answer = await caller.call(giantCall(zeros));
      if (isWhole(answer, zeros)) note(world, 'giant answers given');
      else if (isRejected(answer)) note(world, 'giant answers rejected');
      else
        findings.push(
          `giant answer of ${zeros}: ${answer.status}, ${answer.text.length} long: ${answer.text.slice(0, 100)}`,
        );
    });
    const outcomes = await Promise.allSettled(calls);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') findings.push(`giant answer: ${(outcome.reason as Error).message}`);
    }
  }
};
