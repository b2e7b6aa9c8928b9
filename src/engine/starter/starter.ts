import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Command, LaunchedProcess } from '../launch/launched-process.js';
import type { ProcessExit } from '../process-exit.js';
import type { FromStarter, ToStarter } from './starter-messages.js';

const program = fileURLToPath(new URL('./starter-main.js', import.meta.url));

const unknownExit: ProcessExit = {
  cause: 'an unknown exit, since the process that had started it was gone',
  lastWords: '',
};

interface Engine {
  readonly launched: (process: LaunchedProcess) => void;
  readonly failed: (reason: Error) => void;
  readonly ended: (exit: ProcessExit) => void;
  readonly exit: Promise<ProcessExit>;
  pid?: number | undefined;
  socket?: Socket | undefined;
}

/**
 * A small process that starts engine processes for this one. To start a process is to copy the memory map of the
 * one that starts it: the more memory a front has, the longer it would stand still (docs/decisions/0011-starter.md).
 * Engines end with the starter, and the starter with this process.
 */
export class Starter {
  /** Resolves when it is gone, with how long it lived. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #engines = new Map<number, Engine>();
  #lastNumber = 0;
  #isGone = false;

  /** The environment is that of the engine processes. */
  constructor(env: Readonly<Record<string, string>>) {
    const startedAtMs = performance.now();
    // A session of its own keeps the terminal's signals away: it has to see the engines end.
    this.#child = fork(program, [], {
      env,
      detached: true,
      execArgv: ['--v8-pool-size=0', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message, handle) => this.#heard(message as FromStarter, handle as Socket | undefined));
    this.ended = this.#end().then(() => {
      this.#gone();
      return performance.now() - startedAtMs;
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  /** Absent when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects when the starter is gone. */
  launch(command: Command): Promise<LaunchedProcess> {
    const number = ++this.#lastNumber;
    return new Promise((launched, failed) => {
      if (this.#isGone) return failed(goneError());
      let ended: (exit: ProcessExit) => void = () => {};
      const exit = new Promise<ProcessExit>((resolve) => {
        ended = resolve;
      });
      this.#engines.set(number, { launched, failed, ended, exit });
      this.#child.channel?.ref();
      this.#send({ kind: 'start', number, command });
    });
  }

  /** Kills the engines that still run. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#isGone = true;
    this.#child.ref();
    if (this.#child.connected) this.#child.disconnect();
    await this.ended;
  }

  async #end(): Promise<void> {
    // `disconnect` comes when everything that it had said was heard; both are rejected when it could not be started.
    const events = ['exit', 'disconnect'].map((event) => once(this.#child, event));
    await Promise.all(events).catch(() => {});
  }

  #heard(message: FromStarter, socket?: Socket): void {
    const { number } = message;
    const engine = this.#engines.get(number);
    if (engine === undefined) return;
    if (message.kind === 'started') {
      engine.pid = message.pid;
      engine.socket = socket;
      // It may break before anybody listens: its process has ended then.
      socket?.on('error', () => {});
    } else if (message.kind === 'handed') {
      const { pid, exit } = engine;
      engine.launched({ pid, socket: engine.socket, exit, kill: () => this.#kill(number, pid) });
    } else {
      this.#engines.delete(number);
      if (this.#engines.size === 0) this.#child.channel?.unref();
      engine.ended(message.exit);
    }
  }

  #kill(number: number, pid: number | undefined): void {
    if (!this.#isGone) this.#send({ kind: 'kill', number });
    else if (pid !== undefined) killOrphan(pid);
  }

  #gone(): void {
    this.#isGone = true;
    for (const { failed, ended } of this.#engines.values()) {
      failed(goneError());
      ended(unknownExit);
    }
    this.#engines.clear();
  }

  /** What cannot be sent is settled by the end of the starter, which `disconnect` tells. */
  #send(message: ToStarter): void {
    this.#child.send(message, () => {});
  }
}

function goneError(): Error {
  return new Error('the process that starts engine processes is gone');
}

function killOrphan(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
