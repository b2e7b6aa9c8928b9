import type { Answer, Call } from '../../support/caller.js';
import { pause } from '../../support/pause.js';
import type { Random } from '../../support/random.js';
import { type Fault, note } from '../world.js';

interface BadRequest {
  readonly event: string;
  readonly everyMs: readonly [least: number, most: number];
  readonly call: (random: Random) => Call;
  /** Whether the caller was told what it should be told. */
  readonly isProper: (answer: Answer) => boolean;
}

/** Sends one kind of request that must fail, again and again, and looks at how it does. */
const faultOf =
  ({ event, everyMs: [least, most], call, isProper }: BadRequest): Fault =>
  async (world, signal) => {
    const { caller, random, findings } = world;
    while (!signal.aborted) {
      await pause(random.between(least, most), signal);
      const sent = call(random);
      try {
        const answer = await caller.call(sent);
        if (!isProper(answer))
          findings.push(`${event}: ${sent.body.slice(0, 100)} got ${answer.status} ${answer.text}`);
      } catch (error) {
        findings.push(`${event}: ${sent.body.slice(0, 100)}: ${(error as Error).message}`);
      }
      note(world, event);
    }
  };

const predict = (model: string, body: unknown): Call => ({
  path: `/v1/models/${model}/predict`,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** Ends the engine process each time it is computed. As text: JSON.stringify knows no 64 bits. */
export const poisonCall = predict('divide', `{"instances": [{"a": ${-(2n ** 63n)}, "b": -1}]}`);

/** Never computed to its end. */
export const endlessCall = predict('spin', `{"instances": [${2n ** 62n}]}`);

/** Would take 8 TiB. */
export const bombCall = predict('ones', { inputs: [2 ** 40] });

export const poison = faultOf({
  event: 'poison requests sent',
  everyMs: [800, 1200],
  call: () => poisonCall,
  isProper: ({ status, text }) => status === 500 && text.includes("ended the model's engine process each time"),
});

export const endlessRuns = faultOf({
  event: 'endless requests sent',
  everyMs: [3000, 5000],
  call: () => endlessCall,
  isProper: ({ status, text }) => status === 500 && text.includes('did not finish'),
});

export const allocationBombs = faultOf({
  event: 'allocation bombs sent',
  everyMs: [300, 900],
  call: (random) => (random.next() < 0.5 ? bombCall : predict('ones', { inputs: [2 ** 40, 2 ** 40] })),
  isProper: ({ status, text }) => status >= 400 && status < 500 && text.includes('ConstantOfShape'),
});

/** Wrong in every way that a caller's code may be. */
export const mistakes = faultOf({
  event: 'mistaken requests sent',
  everyMs: [20, 100],
  call: (random) =>
    random.pick([
      predict('iris', '{"instances": [[1, 2'),
      predict('iris', { instances: [[1, 2, 3]] }),
      predict('iris', { instances: [['a', 'b', 'c', 'd']] }),
      predict('iris', {}),
      predict('irsi', { instances: [[1, 2, 3, 4]] }),
      predict('divide', { instances: [{ a: 1, b: 0.5 }] }),
    ]),
  isProper: ({ status, text }) => (status === 400 || status === 404) && text.startsWith('{"error":"'),
});
