import { lookingUp } from '../support/lookup-weights.js';
import type { Asker } from '../support/question.js';
import { counting, division, doubling, multiplying, summing } from '../support/tiny-questions.js';
import { smallModels } from './chaos-folder.js';
import { shippedQuestions } from './shipped-questions.js';

/** Callers who ask one thing and know the answers. */
export interface Group {
  /** What they ask. */
  readonly name: string;
  readonly ask: Asker;
  readonly clients: number;
  /** Whether their model's queue is overfilled by others, or the model unloaded, so that 503 is a right answer too. */
  readonly mayBeRejected?: boolean;
}

/** Good callers of every model that has faults injected, and of those that are not. */
export const crowd = (): readonly Group[] => [
  ...Array.from(shippedQuestions(), ([name, ask]) => ({ name, ask, clients: 2 })),
  { name: 'divide', ask: division, clients: 8 },
  { name: 'spin', ask: doubling('spin', 500), clients: 8 },
  { name: 'ones', ask: counting, clients: 2 },
  { name: 'row-sum', ask: summing(2, 50), clients: 4 },
  { name: 'row-sum, large', ask: summing(200, 2000), clients: 1 },
  { name: 'times', ask: multiplying('times'), clients: 8 },
  { name: 'lookup', ask: lookingUp, clients: 3 },
  ...Array.from({ length: smallModels }, (_, index) => ({
    name: `small-${index}`,
    ask: multiplying(`small-${index}`),
    clients: 1,
  })),
  { name: 'narrow', ask: doubling('narrow', 500), clients: 2, mayBeRejected: true },
  { name: 'restless', ask: doubling('restless', 500), clients: 2, mayBeRejected: true },
];
