import { pause } from '../../support/pause.js';
import { doubling } from '../../support/tiny-questions.js';
import { type Fault, note } from '../world.js';

/** Callers in a hurry: answered right, or told that it was too late. */
export const haste: Fault = async (world, signal) => {
  const { caller, random, findings } = world;
  const ask = doubling('spin', 20_000);
  while (!signal.aborted) {
    await pause(random.between(50, 300), signal);
    const question = ask(random);
    try {
      const answer = await caller.call({
        ...question,
        headers: { 'x-request-timeout-ms': String(random.between(5, 200)) },
      });
      const isRight = answer.status === 200 && question.fault(JSON.parse(answer.text), answer) === undefined;
      if (!isRight && answer.status !== 504)
        findings.push(`haste: ${question.body} got ${answer.status} ${answer.text}`);
      note(world, isRight ? 'hurried requests answered' : 'hurried requests too late');
    } catch (error) {
      findings.push(`haste: ${question.body}: ${(error as Error).message}`);
    }
  }
};
