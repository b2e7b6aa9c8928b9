import type { ServerProcess } from './server-process.js';

export interface Tally {
  sent: number;
  right: number;
  /** What was not as expected, a line each. */
  readonly wrong: string[];
}

/** Clients stop by themselves after this many wrong answers: what a test asserts is lost by then. */
const enoughWrong = 100;

/** Clients that send one request after the other until they are stopped, and look at every answer. */
export class Clients {
  readonly tally: Tally = { sent: 0, right: 0, wrong: [] };
  readonly #loops: Promise<void>[];
  #stopped = false;

  /** `isRight` says whether an answer's body is what was to come. */
  constructor(
    server: Pick<ServerProcess, 'post'>,
    options: { count: number; path: string; body: unknown; isRight: (body: unknown) => boolean },
  ) {
    const { count, path, body, isRight } = options;
    this.#loops = Array.from({ length: count }, async () => {
      while (!this.#stopped && this.tally.wrong.length < enoughWrong) {
        this.tally.sent++;
        try {
          const answer = await server.post(path, body);
          if (answer.status === 200 && isRight(answer.body)) this.tally.right++;
          else this.tally.wrong.push(`${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
        } catch (error) {
          this.tally.wrong.push(String((error as Error).cause ?? error));
        }
      }
    });
  }

  /** Resolves when `more` further answers were right. */
  async answered(more: number): Promise<void> {
    const goal = this.tally.right + more;
    while (this.tally.right < goal && this.tally.wrong.length < enoughWrong)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<Tally> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    return this.tally;
  }
}
