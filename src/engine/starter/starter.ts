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

/** A starter that takes longer to start a process is stuck. */
const defaultPatienceMs = 10_000;

/** How long a starter that was asked to end may take before it is killed. */
const endGraceMs = 2000;

interface Engine {
  /** For `launched` or `failed`. */
  readonly timer: NodeJS.Timeout;
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
  readonly #patienceMs: number;
  #lastNumber = 0;
  #isGone = false;
  #isStuck = false;

  /** The environment is that of the engine processes. */
  constructor(env: Readonly<Record<string, string>>, patienceMs = defaultPatienceMs) {
    this.#patienceMs = patienceMs;
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

  /** Rejects when the starter is gone, or does not answer. */
  launch(command: Command): Promise<LaunchedProcess> {
    const number = ++this.#lastNumber;
    return new Promise((launched, failed) => {
      if (this.#isGone || this.#isStuck) return failed(noStarter());
      let ended: (exit: ProcessExit) => void = () => {};
      const exit = new Promise<ProcessExit>((resolve) => {
        ended = resolve;
      });
      const timer = setTimeout(() => this.#giveUp(number), this.#patienceMs);
      this.#engines.set(number, { timer, launched, failed, ended, exit });
      this.#child.channel?.ref();
      this.#send({ kind: 'start', number, command });
    });
  }

  /** Kills the engines that still run. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#isGone = true;
    for (const { pid } of this.#engines.values()) kill(pid);
    this.#child.ref();
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), endGraceMs);
    await this.ended;
    clearTimeout(timer);
  }

  async #end(): Promise<void> {
    // `disconnect` comes when everything that it had said was heard; both are rejected when it could not be started.
    const events = ['exit', 'disconnect'].map((event) => once(this.#child, event));
    await Promise.all(events).catch(() => {});
  }

  #heard(message: FromStarter, socket?: Socket): void {
    this.#isStuck = false;
    const { number } = message;
    const engine = this.#engines.get(number);
    if (engine === undefined) {
      // What was given up is started after all.
      socket?.destroy();
      this.#send({ kind: 'kill', number });
    } else if (message.kind === 'started') {
      engine.pid = message.pid;
      engine.socket = socket;
      // It may break before anybody listens: its process has ended then.
      socket?.on('error', () => {});
    } else if (message.kind === 'handed') {
      const { timer, pid, exit } = engine;
      clearTimeout(timer);
      engine.launched({ pid, socket: engine.socket, exit, kill: () => kill(pid) });
    } else {
      this.#forget(number);
      engine.ended(message.exit);
    }
  }

  #giveUp(number: number): void {
    this.#isStuck = true;
    this.#engines.get(number)?.failed(noStarter());
    this.#forget(number);
  }

  #forget(number: number): void {
    this.#engines.delete(number);
    if (this.#engines.size === 0) this.#child.channel?.unref();
  }

  #gone(): void {
    this.#isGone = true;
    for (const { timer, failed, ended } of this.#engines.values()) {
      clearTimeout(timer);
      failed(noStarter());
      ended(unknownExit);
    }
    this.#engines.clear();
  }

  /** What cannot be sent is settled by the end of the starter, which `disconnect` tells. */
  #send(message: ToStarter): void {
    this.#child.send(message, () => {});
  }
}

function noStarter(): Error {
  return new Error('the process that starts engine processes is gone, or does not answer');
}

/**
 * Not by way of the starter, which may be stuck. Ids of processes are given out in a circle, so that of one which has
 * just ended is nobody else's.
 */
function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
