import { isProperRejection } from '../../support/good-client.js';
import { pause } from '../../support/pause.js';
import { doubling } from '../../support/tiny-questions.js';
import { type Fault, note } from '../world.js';

/** Sends many times more to the model `narrow` than its queue takes: answered right or rejected, nothing else. */
export const floods: Fault = async (world, signal) => {
  const { caller, random, findings } = world;
  const ask = doubling('narrow', 1000);
  while (!signal.aborted) {
    await pause(random.between(1000, 3000), signal);
    await Promise.all(
      Array.from({ length: random.between(100, 300) }, async () => {
        const question = ask(random);
        try {
          const answer = await caller.call(question);
          const isRejected = isProperRejection(answer);
          note(world, isRejected ? 'requests rejected in floods' : 'requests answered in floods');
          const isRight = answer.status === 200 && question.fault(JSON.parse(answer.text), answer) === undefined;
          if (!isRejected && !isRight) findings.push(`flood: ${question.body} got ${answer.status} ${answer.text}`);
        } catch (error) {
          findings.push(`flood: ${question.body}: ${(error as Error).message}`);
        }
      }),
    );
    note(world, 'floods');
  }
};
