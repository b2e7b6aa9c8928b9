import type { Answer, Caller } from './caller.js';
import { pause } from './pause.js';
import type { Asker, Question } from './question.js';
import type { Random } from './random.js';

export interface GoodClientOptions {
  readonly caller: Caller;
  readonly random: Random;
  readonly ask: Asker;
  /** Between an answer and the next question, at most. */
  readonly longestPauseMs: number;
  /** Whether the server may reject: with 503 and `Retry-After`, or because an operator has unloaded the model. */
  readonly mayBeRejected?: boolean;
  /** Hears how long each right answer took. */
  readonly onRight?: (milliseconds: number) => void;
}

export interface GoodTally {
  asked: number;
  right: number;
  rejected: number;
  /** What was not as it should be, a line each. */
  readonly wrong: string[];
}

const kept = 100;

/** Asks one question after the other until it is stopped, and looks at every answer. */
export async function askUntil(signal: AbortSignal, options: GoodClientOptions): Promise<GoodTally> {
  const { caller, random, ask, longestPauseMs, mayBeRejected = false, onRight } = options;
  const tally: GoodTally = { asked: 0, right: 0, rejected: 0, wrong: [] };
  while (!signal.aborted) {
    const question = ask(random);
    tally.asked++;
    const askedAtMs = performance.now();
    try {
      const answer = await caller.call(question);
      if (mayBeRejected && (isProperRejection(answer) || isUnloaded(answer))) {
        tally.rejected++;
        await pause(random.between(10, 100), signal);
        continue;
      }
      const fault = faultOf(question, answer);
      if (fault === undefined) {
        tally.right++;
        onRight?.(performance.now() - askedAtMs);
      } else
        note(
          tally,
          `${question.path} ${question.body.slice(0, 200)}: ${fault}; came ${answer.status} ${answer.text.slice(0, 300)}`,
        );
    } catch (error) {
      note(tally, `${question.path} ${question.body.slice(0, 200)}: ${(error as Error).message}`);
    }
    await pause(random.between(0, longestPauseMs), signal);
  }
  return tally;
}

export const isProperRejection = ({ status, headers }: Answer): boolean =>
  status === 503 && Number(headers['retry-after']) >= 1;

const isUnloaded = ({ status, text }: Answer): boolean => status === 404 && text.includes('it was unloaded');

function faultOf(question: Question, answer: Answer): string | undefined {
  if (answer.status !== 200) return 'expected 200';
  try {
    return question.fault(JSON.parse(answer.text), answer);
  } catch (error) {
    return `expected JSON: ${(error as Error).message}`;
  }
}

function note(tally: GoodTally, line: string): void {
  if (tally.wrong.length < kept) tally.wrong.push(line);
}
