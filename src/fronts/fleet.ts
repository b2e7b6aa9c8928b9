import type { Answers, FromFront, PlainError, Question, QuestionKind, Reply } from './front-messages.js';
import { servingError } from './plain-error.js';

export interface FrontAnswer<Kind extends QuestionKind> {
  readonly front: number;
  readonly value: Answers[Kind];
}

export interface FleetAnswers<Kind extends QuestionKind> {
  /** At least one. */
  readonly answers: readonly FrontAnswer<Kind>[];
  /** Why the others have none. */
  readonly failures: readonly PlainError[];
}

/** All fronts, this one included, as one of them sees them: asked by way of the primary. */
export class Fleet {
  readonly #send: (message: FromFront) => void;
  readonly #open = new Map<number, (replies: readonly Reply[]) => void>();
  #lastId = 0;

  constructor(send: (message: FromFront) => void) {
    this.#send = send;
  }

  /** Rejects with the first failure where nobody has an answer. */
  async ask<Kind extends QuestionKind>(question: Question & { kind: Kind }): Promise<FleetAnswers<Kind>> {
    const replies = await this.#replies(question);
    const answers = answersIn<Kind>(replies);
    const failures = replies.flatMap((reply) => ('error' in reply ? [reply.error] : []));
    const [failure] = failures;
    if (answers.length === 0 && failure !== undefined) throw servingError(failure);
    return { answers, failures };
  }

  /** As `ask`, but rejects where any front has none. */
  async askEvery<Kind extends QuestionKind>(
    question: Question & { kind: Kind },
  ): Promise<readonly FrontAnswer<Kind>[]> {
    const { answers, failures } = await this.ask<Kind>(question);
    const [failure] = failures;
    if (failure !== undefined) throw servingError(failure);
    return answers;
  }

  /** The primary's answer to a question of this front. */
  settle(id: number, replies: readonly Reply[]): void {
    this.#open.get(id)?.(replies);
    this.#open.delete(id);
  }

  #replies(question: Question): Promise<readonly Reply[]> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#open.set(id, resolve);
      this.#send({ kind: 'ask', id, question });
    });
  }
}

/** Both ends are this program, of one version: what came for a question is its answer. */
const answersIn = <Kind extends QuestionKind>(replies: readonly Reply[]): FrontAnswer<Kind>[] =>
  replies.flatMap((reply) => ('error' in reply ? [] : [{ front: reply.front, value: reply.value as Answers[Kind] }]));
