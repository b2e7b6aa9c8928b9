import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { WorkerSituation, WorkerState } from './worker-choice.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

export interface WorkerProcessOptions {
  /** From 1. */
  readonly number: number;
  readonly isReplacement: boolean;
  /** Path of the program of a worker. */
  readonly program: string;
  /** Where it and its engine processes keep what is temporary. Removed when it has ended, however it did. */
  readonly temporaryFolder: string;
  readonly onMessage: (worker: WorkerProcess, message: FromWorker) => void;
}

/** A connection of which nothing was read yet. */
export interface FreshConnection {
  readonly socket: Socket;
  /** Name of the listener that accepted it. */
  readonly listener: string;
}

export interface WorkerEnd {
  /** As in a sentence: `signal SIGKILL`, `code 1`. */
  readonly cause: string;
  readonly isClean: boolean;
  readonly livedMs: number;
  /** Connections it was given and did not take: nothing of them was read. */
  readonly untaken: readonly FreshConnection[];
}

/** One worker, as the primary holds it. */
export class WorkerProcess implements WorkerSituation {
  readonly number: number;
  readonly isReplacement: boolean;
  state: WorkerState = 'starting';
  connections = 0;
  /** What it last said it had counted, as JSON text. */
  lastMetrics: string | undefined;
  /** Resolves once the process is gone and everything it had said was heard. */
  readonly ended: Promise<WorkerEnd>;
  readonly #child: ChildProcess;
  readonly #untaken = new Map<number, FreshConnection & { readonly givenAt: number }>();
  #lastConnection = 0;

  constructor({ number, isReplacement, program, temporaryFolder, onMessage }: WorkerProcessOptions) {
    this.number = number;
    this.isReplacement = isReplacement;
    const startedAt = performance.now();
    mkdirSync(temporaryFolder, { mode: 0o700 });
    const env = { ...process.env, TMPDIR: temporaryFolder };
    this.#child = fork(program, [], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#heard(message as FromWorker, onMessage));
    this.ended = this.#end().then((cause) => ({
      cause,
      isClean: cause === cleanExit,
      livedMs: performance.now() - startedAt,
      untaken: [...this.#untaken.values()],
    }));
    // Its engine processes may be ending still: what they leave goes with the folder around this one.
    void this.ended.then(() => rm(temporaryFolder, { recursive: true, force: true }).catch(() => undefined));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isStuck(): boolean {
    const [oldest] = this.#untaken.values();
    return oldest !== undefined && performance.now() - oldest.givenAt > stuckAfterMs;
  }

  /** Lost where the process has just ended, which `ended` tells. */
  send(message: ToWorker): void {
    this.#child.send(message, ignore);
  }

  /** Gives a connection of which nothing was read. It stays open here as well until the worker has it. */
  hand({ socket, listener }: FreshConnection): void {
    const id = ++this.#lastConnection;
    this.#untaken.set(id, { socket, listener, givenAt: performance.now() });
    this.connections++;
    const message: ToWorker = { kind: 'connection', id, listener };
    this.#child.send(message, socket, { keepOpen: true }, ignore);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #heard(message: FromWorker, pass: WorkerProcessOptions['onMessage']): void {
    if (message.kind === 'taken') {
      this.#untaken.get(message.id)?.socket.destroy();
      this.#untaken.delete(message.id);
    } else if (message.kind === 'closed') this.connections -= message.count;
    else pass(this, message);
  }

  /** Resolves with the cause when the process is gone and its channel is read to the end. */
  async #end(): Promise<string> {
    const child = this.#child;
    const channelEnded = new Promise<void>((resolve) => child.once('disconnect', resolve));
    const cause = await new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`));
      child.on('error', (error) => {
        if (child.pid === undefined) resolve(error.message);
      });
    });
    // A connection that it took must not be given to another: what it said last may still be in the channel.
    if (child.connected) await channelEnded;
    return cause;
  }
}

const cleanExit = 'code 0';

/** No event loop that works leaves a connection alone for so long. */
const stuckAfterMs = 1000;

/** Whoever sends to a process that is gone learns it from its end. */
const ignore = (): void => undefined;
