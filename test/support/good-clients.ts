import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import type { Caller } from './caller.js';
import { askUntil, type GoodTally } from './good-client.js';
import type { Asker } from './question.js';
import { Random } from './random.js';

export interface RightAnswer {
  /** When it came, on the system's clock. */
  readonly atMs: number;
  readonly latencyMs: number;
}

export interface GoodClientsOptions {
  readonly caller: Caller;
  readonly ask: Asker;
  readonly count: number;
  /** Between an answer and the next question, at most. */
  readonly longestPauseMs?: number;
}

/** Good callers of one model, from now until they are stopped. */
export class GoodClients {
  readonly #stopping = new AbortController();
  readonly #tallies: readonly Promise<GoodTally>[];
  readonly #answers: RightAnswer[] = [];
  #awaited: { goal: number; resolve: () => void } | undefined;

  constructor({ caller, ask, count, longestPauseMs = 10 }: GoodClientsOptions) {
    const random = new Random(1);
    setMaxListeners(0, this.#stopping.signal);
    this.#tallies = Array.from({ length: count }, () =>
      askUntil(this.#stopping.signal, {
        caller,
        random,
        ask,
        longestPauseMs,
        onRight: (milliseconds) => this.#oneMoreRight(milliseconds),
      }),
    );
  }

  /** Resolves when so many more were answered right. One wait at a time. */
  answered(more: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { goal: this.#answers.length + more, resolve };
    });
  }

  /** The right ones so far, in their order. */
  get answers(): readonly RightAnswer[] {
    return this.#answers;
  }

  get latenciesMs(): readonly number[] {
    return this.#answers.map(({ latencyMs }) => latencyMs);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Fails where one was not answered, or answered wrong. */
  async stopAllRight(): Promise<void> {
    this.stop();
    const tallies = await Promise.all(this.#tallies);
    assert.deepEqual(tallies.flatMap(({ wrong }) => wrong).slice(0, 10), []);
  }

  #oneMoreRight(latencyMs: number): void {
    this.#answers.push({ atMs: Date.now(), latencyMs });
    if (this.#awaited === undefined || this.#answers.length < this.#awaited.goal) return;
    this.#awaited.resolve();
    this.#awaited = undefined;
  }
}
