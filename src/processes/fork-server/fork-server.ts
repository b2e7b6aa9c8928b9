import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { unknownExit } from '../../core/process-failure.js';
import type { Command, LaunchedProcess } from '../launch/spawn-process.js';
import type { ProcessExit } from '../process-exit.js';
import { processStatus } from '../process-status.js';

/** What the worker tells the fork server. Processes are named by numbers that the worker gives. */
export type ToForkServer =
  | { readonly kind: 'start'; readonly number: number; readonly command: Command }
  | { readonly kind: 'kill'; readonly number: number };

/**
 * What the fork server tells the worker. The socket comes along with `started`, if the process could be started; with
 * `handed` the fork server has let go of it, and only then may it be used.
 */
export type FromForkServer =
  | { readonly kind: 'started'; readonly number: number; readonly pid?: number | undefined }
  | { readonly kind: 'handed'; readonly number: number }
  | { readonly kind: 'ended'; readonly number: number; readonly exit: ProcessExit };

const program = fileURLToPath(new URL('./fork-server-main.js', import.meta.url));

const unseenExit: ProcessExit = {
  cause: `${unknownExit}, since the process that had started it was gone`,
  lastWords: '',
};

/** A fork server that takes longer to start a process is stuck. */
const defaultPatienceMs = 10_000;

/** After the socket of a process has closed the fork server tells within this how it ended; else what the system knows has to do. */
const newsAfterMs = 1000;

/** A process closes its socket some time before the system says how it ended. */
const exitShowsAfterMs = 100;

/** How long a fork server that was asked to end may take before it is killed. */
const endGraceMs = 2000;

interface Launch {
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
 * A small process that starts others for this one. To start a process is to copy the memory map of the
 * one that starts it: the more memory a worker has, the longer it would stand still (docs/decisions/0011-fork-server.md).
 * They end with the fork server, and the fork server with this process.
 */
export class ForkServer {
  /** Resolves when it is gone, with how long it lived. */
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #launches = new Map<number, Launch>();
  readonly #patienceMs: number;
  #lastNumber = 0;
  #isGone = false;
  #isStuck = false;

  /** The environment is that of the processes. */
  constructor(env: Readonly<Record<string, string>>, patienceMs = defaultPatienceMs) {
    this.#patienceMs = patienceMs;
    const startedAtMs = performance.now();
    // A session of its own keeps the terminal's signals away: it has to see them end.
    this.#child = fork(program, [], {
      env,
      detached: true,
      execArgv: ['--v8-pool-size=0', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message, handle) =>
      this.#heard(message as FromForkServer, handle as Socket | undefined),
    );
    // Told by `ended`; a signal that could not be sent would be one more.
    this.#child.on('error', () => {});
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

  /** Rejects when the fork server is gone, or does not answer. */
  launch(command: Command): Promise<LaunchedProcess> {
    const number = ++this.#lastNumber;
    return new Promise((launched, failed) => {
      if (this.#isGone || this.#isStuck || this.#isStopped()) return failed(noForkServer());
      let ended: (exit: ProcessExit) => void = () => {};
      const exit = new Promise<ProcessExit>((resolve) => {
        ended = resolve;
      });
      const timer = setTimeout(() => this.#giveUp(number), this.#patienceMs);
      this.#launches.set(number, { timer, launched, failed, ended, exit });
      this.#child.channel?.ref();
      this.#send({ kind: 'start', number, command });
    });
  }

  /** Kills the processes that still run. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#isGone = true;
    for (const { pid } of this.#launches.values()) kill(pid);
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

  #heard(message: FromForkServer, socket?: Socket): void {
    this.#isStuck = false;
    const { number } = message;
    const launch = this.#launches.get(number);
    if (launch === undefined) {
      // What was given up is started after all.
      socket?.destroy();
      this.#send({ kind: 'kill', number });
    } else if (message.kind === 'started') {
      launch.pid = message.pid;
      launch.socket = socket;
      // It may break before anybody listens: its process has ended then.
      socket?.on('error', () => {});
    } else if (message.kind === 'handed') {
      const { timer, pid, exit } = launch;
      clearTimeout(timer);
      launch.socket?.once('close', () => this.#socketClosed(number));
      launch.launched({ pid, socket: launch.socket, exit, kill: () => kill(pid) });
    } else {
      this.#forget(number);
      launch.ended(message.exit);
    }
  }

  /** A process holds its socket for as long as it lives: nobody has to be asked whether it has ended. */
  #socketClosed(number: number): void {
    if (!this.#launches.has(number)) return;
    setTimeout(() => this.#endWithoutNews(number), this.#isStopped() ? exitShowsAfterMs : newsAfterMs);
  }

  #endWithoutNews(number: number): void {
    const launch = this.#launches.get(number);
    if (launch === undefined) return;
    const cause = (launch.pid && processStatus(launch.pid)?.ended) || unknownExit;
    kill(launch.pid);
    this.#isStuck = true;
    this.#forget(number);
    launch.ended({ cause, lastWords: '' });
  }

  #isStopped(): boolean {
    return this.pid !== undefined && processStatus(this.pid)?.isStopped === true;
  }

  #giveUp(number: number): void {
    this.#isStuck = true;
    this.#launches.get(number)?.failed(noForkServer());
    this.#forget(number);
  }

  #forget(number: number): void {
    this.#launches.delete(number);
    if (this.#launches.size === 0) this.#child.channel?.unref();
  }

  #gone(): void {
    this.#isGone = true;
    for (const { timer, failed, ended } of this.#launches.values()) {
      clearTimeout(timer);
      failed(noForkServer());
      ended(unseenExit);
    }
    this.#launches.clear();
  }

  /** What cannot be sent is settled by the end of the fork server, which `disconnect` tells. */
  #send(message: ToForkServer): void {
    this.#child.send(message, () => {});
  }
}

function noForkServer(): Error {
  return new Error('the fork server is gone, or does not answer');
}

/**
 * Not by way of the fork server, which may be stuck. Ids of processes are given out in a circle, so that of one which has
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
