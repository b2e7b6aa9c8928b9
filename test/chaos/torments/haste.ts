import { pause } from '../pause.js';
import { doubling } from '../tiny-questions.js';
import { did, type Torment } from '../world.js';

/** Callers in a hurry: answered right, or told that it was too late. */
export const haste: Torment = async (world, signal) => {
  const { caller, random, findings } = world;
  const ask = doubling('spin', 20_000);
  while (!signal.aborted) {
    await pause(random.integer(50, 300), signal);
    const question = ask(random);
    const answer = await caller.call({
      ...question,
      headers: { 'x-request-timeout-ms': String(random.integer(5, 200)) },
    });
    const isRight = answer.status === 200 && question.fault(JSON.parse(answer.text), answer) === undefined;
    if (!isRight && answer.status !== 504) findings.push(`haste: ${question.body} got ${answer.status} ${answer.text}`);
    did(world, isRight ? 'hurried requests answered' : 'hurried requests too late');
  }
};
