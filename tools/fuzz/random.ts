/** A fast generator of random numbers: the same ones for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (2 * seed + 1) | 0;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    // Marsaglia's xorshift with 32 bits.
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % bound;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
