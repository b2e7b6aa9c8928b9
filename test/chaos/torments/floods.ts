import { isProperRefusal } from '../good-client.js';
import { pause } from '../pause.js';
import { doubling } from '../tiny-questions.js';
import { did, type Torment } from '../world.js';

/** Sends many times more to the model `narrow` than its queue takes: answered right or refused, nothing else. */
export const floods: Torment = async (world, signal) => {
  const { caller, random, findings } = world;
  const ask = doubling('narrow', 1000);
  while (!signal.aborted) {
    await pause(random.integer(1000, 3000), signal);
    await Promise.all(
      Array.from({ length: random.integer(100, 300) }, async () => {
        const question = ask(random);
        const answer = await caller.call(question);
        const isRefused = isProperRefusal(answer);
        did(world, isRefused ? 'requests refused in floods' : 'requests answered in floods');
        const isRight = answer.status === 200 && question.fault(JSON.parse(answer.text), answer) === undefined;
        if (!isRefused && !isRight) findings.push(`flood: ${question.body} got ${answer.status} ${answer.text}`);
      }),
    );
    did(world, 'floods');
  }
};
