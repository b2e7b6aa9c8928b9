import type { Answer, Call } from './caller.js';
import type { Random } from './random.js';

/** A request whose right answer is known. */
export interface Question extends Call {
  /** What is wrong with an answer of status 200; undefined when nothing is. */
  readonly fault: (body: unknown, answer: Answer) => string | undefined;
}

/** Makes questions to one model up. */
export type Asker = (random: Random) => Question;

/** For answers that are one certain value. */
export const expecting =
  (expected: unknown): Question['fault'] =>
  (body) =>
    JSON.stringify(body) === JSON.stringify(expected) ? undefined : `expected ${JSON.stringify(expected)}`;
