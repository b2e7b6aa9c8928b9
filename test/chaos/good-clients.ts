import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import type { Caller } from './caller.js';
import { askUntil, type GoodTally } from './good-client.js';
import type { Asker } from './question.js';
import { Random } from './random.js';

/** Good callers of one model, from now until they are stopped. */
export class GoodClients {
  readonly #stopping = new AbortController();
  readonly #tallies: readonly Promise<GoodTally>[];
  readonly #latenciesMs: number[] = [];
  #awaited: { goal: number; resolve: () => void } | undefined;

  constructor({ caller, ask, count }: { caller: Caller; ask: Asker; count: number }) {
    const random = new Random(1);
    setMaxListeners(0, this.#stopping.signal);
    this.#tallies = Array.from({ length: count }, () =>
      askUntil(this.#stopping.signal, {
        caller,
        random,
        ask,
        longestPauseMs: 10,
        onRight: (milliseconds) => this.#oneMoreRight(milliseconds),
      }),
    );
  }

  /** Resolves when so many more were answered right. One wait at a time. */
  answered(more: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { goal: this.#latenciesMs.length + more, resolve };
    });
  }

  /** Of the right answers so far, in their order. */
  get latenciesMs(): readonly number[] {
    return this.#latenciesMs;
  }

  /** Fails where one was not answered, or answered wrong. */
  async stopAllRight(): Promise<void> {
    this.#stopping.abort();
    const tallies = await Promise.all(this.#tallies);
    assert.deepEqual(
      tallies.flatMap(({ wrong }) => wrong),
      [],
    );
  }

  #oneMoreRight(milliseconds: number): void {
    this.#latenciesMs.push(milliseconds);
    if (this.#awaited === undefined || this.#latenciesMs.length < this.#awaited.goal) return;
    this.#awaited.resolve();
    this.#awaited = undefined;
  }
}
