import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pinned } from '../machine/cores.js';
import type { LoadPlan, LoadReport } from './load-plan.js';

const main = fileURLToPath(new URL('./generator-main.js', import.meta.url));

type Answer = { readonly report: LoadReport } | { readonly error: string };

/** The load generator, in a process of its own. */
export class LoadGenerator {
  readonly #child: ChildProcess;

  /** `cores` undefined leaves the choice to the system. */
  constructor(cores: readonly number[] | undefined) {
    const [execPath = process.execPath, ...execArgv] = pinned([process.execPath], cores);
    this.#child = fork(main, { execPath, execArgv, serialization: 'advanced' });
  }

  /** One plan at a time. */
  run(plan: LoadPlan): Promise<LoadReport> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        act();
      };
      const onMessage = (answer: Answer): void =>
        settle(() => {
          if ('report' in answer) resolve(answer.report);
          else reject(new Error(`the load generator failed: ${answer.error}`));
        });
      const onExit = (code: number | null, signal: string | null): void =>
        settle(() => reject(new Error(`the load generator ended with ${signal ?? code}`)));
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
      this.#child.send(plan);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}
