import { pause } from '../../support/pause.js';
import { doubling } from '../../support/tiny-questions.js';
import { type Fault, note } from '../world.js';

/** Callers whose bodies trickle in: answered like any other, and in nobody's way. */
export const slowBodies: Fault = async (world, signal) => {
  const { caller, random, findings } = world;
  const ask = doubling('spin', 500);
  while (!signal.aborted) {
    await pause(random.between(100, 500), signal);
    await Promise.all(
      Array.from({ length: random.between(1, 8) }, async () => {
        const question = ask(random);
        const chunks = { count: random.between(2, 12), everyMs: random.between(1, 150) };
        try {
          const answer = await caller.callSlowly(question, chunks);
          const isRight = answer.status === 200 && question.fault(JSON.parse(answer.text), answer) === undefined;
          if (!isRight) findings.push(`slow body: ${question.body} got ${answer.status} ${answer.text}`);
        } catch (error) {
          findings.push(`slow body: ${question.body}: ${(error as Error).message}`);
        }
        note(world, 'slow bodies sent');
      }),
    );
  }
};
