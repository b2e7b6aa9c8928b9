import { ServingError } from '../../core/serving-error.js';
import { CodecThread, type CodecThreadOptions } from './codec-thread.js';
import type { ThreadOutcome, ThreadTask } from './thread-messages.js';
import { type Interest, whileWanted } from './while-wanted.js';

export interface ThreadPoolOptions extends CodecThreadOptions {
  readonly maxThreads: number;
  /** Bodies that wait for a thread hold no more than this together. */
  readonly maxWaitingBytes: number;
}

interface Job {
  readonly task: ThreadTask;
  readonly memory: ArrayBuffer[];
  readonly resolve: (outcome: ThreadOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** A few threads, started when there is something to do for them and ended when there no longer is. */
export class ThreadPool {
  readonly #options: ThreadPoolOptions;
  #threads: readonly CodecThread[] = [];
  /** Answers go first: what they hold is then given back, while a body that was read takes more. */
  readonly #responses: Job[] = [];
  readonly #bodies: Job[] = [];
  #waitingBytes = 0;
  #isClosed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  /**
   * Does a task, to which `memory` is given away. Rejects with UNAVAILABLE when too many bodies wait, with CANCELED or
   * DEADLINE_EXCEEDED once nobody wants the outcome, and with whatever ended the thread that did it.
   */
  run(task: ThreadTask, memory: ArrayBuffer[], interest: Interest): Promise<ThreadOutcome> {
    let job: Job | undefined;
    const outcome = new Promise<ThreadOutcome>((resolve, reject) => {
      job = { task, memory, resolve, reject };
      this.#enqueue(job);
    });
    return whileWanted(outcome, interest, () => this.#forget(job as Job));
  }

  /** Threads that live. */
  get size(): number {
    return this.#threads.filter((thread) => !thread.hasEnded).length;
  }

  /** Ends all threads; what they do, and what waits, is rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of [...this.#responses, ...this.#bodies]) {
      this.#forget(job);
      job.reject(stopping());
    }
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #enqueue(job: Job): void {
    if (this.#isClosed) {
      job.reject(stopping());
      return;
    }
    const thread = this.#freeThread();
    if (thread !== undefined) {
      void this.#do(job, thread);
      return;
    }
    const { maxWaitingBytes } = this.#options;
    const bytes = this.#waitingBytes + bytesOf(job);
    if (job.task.kind === 'read' && bytes > maxWaitingBytes) {
      const problem = `large bodies of ${this.#waitingBytes} bytes wait to be read, and ${maxWaitingBytes} may`;
      job.reject(new ServingError('UNAVAILABLE', `the server is overloaded: ${problem}; try again later`));
      return;
    }
    this.#waitingBytes = bytes;
    this.#queueOf(job).push(job);
  }

  #forget(job: Job): void {
    const queue = this.#queueOf(job);
    const index = queue.indexOf(job);
    if (index < 0) return;
    queue.splice(index, 1);
    this.#waitingBytes -= bytesOf(job);
  }

  #queueOf({ task }: Job): Job[] {
    return task.kind === 'read' ? this.#bodies : this.#responses;
  }

  async #do(job: Job, thread: CodecThread): Promise<void> {
    try {
      job.resolve(await thread.run(job.task, job.memory));
    } catch (error) {
      job.reject(error);
    }
    const next = this.#responses[0] ?? this.#bodies[0];
    const free = next && this.#freeThread();
    if (next === undefined || free === undefined) return;
    this.#forget(next);
    void this.#do(next, free);
  }

  #freeThread(): CodecThread | undefined {
    this.#threads = this.#threads.filter((thread) => !thread.hasEnded);
    const free = this.#threads.find((thread) => thread.isFree);
    if (free !== undefined || this.#threads.length >= this.#options.maxThreads) return free;
    const thread = new CodecThread(this.#options);
    this.#threads = [...this.#threads, thread];
    return thread;
  }
}

const stopping = (): ServingError => new ServingError('UNAVAILABLE', 'the server is stopping');

const bytesOf = ({ memory }: Job): number => memory.reduce((sum, { byteLength }) => sum + byteLength, 0);
