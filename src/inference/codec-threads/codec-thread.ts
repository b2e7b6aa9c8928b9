import { Worker } from 'node:worker_threads';
import { ServingError } from '../../core/serving-error.js';
import type { ThreadOutcome, ThreadTask } from './thread-messages.js';

export interface CodecThreadOptions {
  /** The thread's program. */
  readonly program: URL;
  /** What the program finds in `workerData`. */
  readonly data: unknown;
  /** JavaScript objects in it take no more; a task that needs more ends the thread. */
  readonly maxHeapMebibytes: number;
  /** Without a task for so long it ends. */
  readonly idleTimeoutMs: number;
}

interface Task {
  resolve(outcome: ThreadOutcome): void;
  reject(error: unknown): void;
}

/** One thread, which does one task at a time. */
export class CodecThread {
  readonly #thread: Worker;
  readonly #options: CodecThreadOptions;
  #task: Task | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: CodecThreadOptions) {
    this.#options = options;
    const { program, data, maxHeapMebibytes } = options;
    const resourceLimits = { maxOldGenerationSizeMb: maxHeapMebibytes };
    this.#thread = new Worker(program, { workerData: data, resourceLimits });
    this.#thread.on('message', (outcome: ThreadOutcome) => this.#settle()?.resolve(outcome));
    this.#thread.on('messageerror', (error) => this.#settle()?.reject(error));
    this.#thread.on('error', (error) => this.#end(error));
    this.#thread.on('exit', () => this.#end(new Error('a codec thread ended in the middle of a task')));
    this.#thread.unref();
  }

  get isFree(): boolean {
    return this.#task === undefined && !this.#hasEnded;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Gives `memory` away. To be called when it is free; rejects when the thread ends over the task. */
  run(task: ThreadTask, memory: ArrayBuffer[]): Promise<ThreadOutcome> {
    clearTimeout(this.#idleTimer);
    return new Promise((resolve, reject) => {
      this.#thread.postMessage(task, memory);
      this.#task = { resolve, reject };
      // Only a task keeps the process running.
      this.#thread.ref();
    });
  }

  async close(): Promise<void> {
    this.#hasEnded = true;
    clearTimeout(this.#idleTimer);
    await this.#thread.terminate();
  }

  #settle(): Task | undefined {
    const task = this.#task;
    this.#task = undefined;
    this.#thread.unref();
    if (!this.#hasEnded) {
      this.#idleTimer = setTimeout(() => void this.close(), this.#options.idleTimeoutMs).unref();
    }
    return task;
  }

  #end(error: unknown): void {
    this.#hasEnded = true;
    clearTimeout(this.#idleTimer);
    this.#settle()?.reject(isOutOfMemory(error) ? this.#outOfMemory(error) : error);
  }

  #outOfMemory(cause: unknown): ServingError {
    return new ServingError(
      'RESOURCE_EXHAUSTED',
      `the body needs more than ${this.#options.maxHeapMebibytes} MiB to be read, as its values are not plain arrays; send fewer rows, or arrays of numbers`,
      { cause },
    );
  }
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
