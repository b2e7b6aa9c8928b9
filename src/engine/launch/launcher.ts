import { Starter } from '../starter/starter.js';
import type { Command, LaunchedProcess } from './launched-process.js';
import { spawnEngine } from './spawn-engine.js';

/** A starter that did not live as long is not replaced: something here does not let it. */
const worthwhileLifeMs = 60_000;

/** Starts engine processes: by itself while this process is small, then through a starter. */
export class Launcher {
  readonly #env: Readonly<Record<string, string>>;
  #starter: Starter | undefined;
  #isClosed = false;

  /** The environment of the engine processes. */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** The process's `exit` tells when it could not be started. */
  async launch(command: Command): Promise<LaunchedProcess> {
    try {
      if (this.#starter !== undefined) return await this.#starter.launch(command);
    } catch {
      // As if there were none.
    }
    return spawnEngine(command, this.#env);
  }

  /** From now on this process no longer starts engines itself, as long as there is a starter. */
  useStarter(): void {
    if (this.#isClosed || this.#starter !== undefined) return;
    const starter = new Starter(this.#env);
    this.#starter = starter;
    void starter.ended.then((livedMs) => {
      this.#starter = undefined;
      if (livedMs >= worthwhileLifeMs) this.useStarter();
    });
  }

  /** Nothing is to be started any more; engines that the starter had started and that still run are killed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#starter?.close();
  }
}
