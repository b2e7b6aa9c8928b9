import type { ServingObserver } from '../core/serving-observer.js';

/** Tells when so many engine processes have been started. */
export class FirstStarts implements ServingObserver {
  readonly reached: Promise<void>;
  #left: number;
  #resolve: () => void = () => {};

  constructor(count: number) {
    this.#left = count;
    this.reached = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    if (count <= 0) this.#resolve();
  }

  engineStarted(): void {
    if (--this.#left === 0) this.#resolve();
  }
}
