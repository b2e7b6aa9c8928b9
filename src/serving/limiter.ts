/** Runs at most `limit` tasks at a time; the others wait in order. */
export class Limiter {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** How many more may be begun before `goOn`. */
  #headStart: number;

  constructor(limit: number, headStart = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
    this.#headStart = headStart;
  }

  /** From now on only the number of those that run at the same time is limited. */
  goOn(): void {
    this.#headStart = Number.POSITIVE_INFINITY;
    this.#startWaiting();
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#mayStart) this.#start();
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      this.#running--;
      this.#startWaiting();
    }
  }

  get #mayStart(): boolean {
    return this.#running < this.#limit && this.#headStart > 0;
  }

  #start(): void {
    this.#running++;
    this.#headStart--;
  }

  #startWaiting(): void {
    while (this.#waiting.length > 0 && this.#mayStart) {
      this.#start();
      this.#waiting.shift()?.();
    }
  }
}
