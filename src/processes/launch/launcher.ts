import { ForkServer } from '../fork-server/fork-server.js';
import { type Command, type LaunchedProcess, spawnProcess } from './spawn-process.js';

/** A fork server that did not live as long is not replaced: something here does not let it. */
const worthwhileLifeMs = 60_000;

/** Starts processes: by itself while this process is small, then through a fork server. */
export class Launcher {
  readonly #env: Readonly<Record<string, string>>;
  #forkServer: ForkServer | undefined;
  #isClosed = false;

  /** The environment of the processes. */
  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** The process's `exit` tells when it could not be started. */
  async launch(command: Command): Promise<LaunchedProcess> {
    try {
      if (this.#forkServer !== undefined) return await this.#forkServer.launch(command);
    } catch {
      // As if there were none.
    }
    return spawnProcess(command, this.#env);
  }

  /** From now on this process no longer starts any itself, as long as there is a fork server. */
  useForkServer(): void {
    if (this.#isClosed || this.#forkServer !== undefined) return;
    const forkServer = new ForkServer(this.#env);
    this.#forkServer = forkServer;
    void forkServer.ended.then((livedMs) => {
      this.#forkServer = undefined;
      if (livedMs >= worthwhileLifeMs) this.useForkServer();
    });
  }

  /** Nothing is to be started any more; what the fork server had started and still runs is killed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#forkServer?.close();
  }
}
