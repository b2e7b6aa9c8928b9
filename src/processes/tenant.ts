import { ProcessFailure } from '../core/process-failure.js';
import { ServingError } from '../core/serving-error.js';
import type { HostProcess } from './host-process.js';

/** What is asked of a tenant and what it answers, as frames. */
export interface TenantProtocol<Request, Result extends Computed, Workspace = unknown> {
  /** The frame's buffers; they must stay as they are until it is answered. */
  write(request: Request, tenant: number, workspace: Workspace): readonly Uint8Array[];
  /** May throw what the request is to be rejected with; a FinalError ends all of the pool. */
  read(frame: Uint8Array): Result;
}

/** What an answer tells about itself. */
export interface Computed {
  /** How long the process worked for it, as far as it says. */
  readonly computeMs: number;
}

/** What cannot be mended by another process: what throws it is not started again, and answers nothing any more. */
export class FinalError extends ServingError {}

export interface RequestOptions {
  /** The process is killed and the request fails with RUN_TIMEOUT or STALLED after this long. */
  readonly timeoutMs?: number;
  /** Sooner, unless the process then waits for a processor. Default: `timeoutMs`. */
  readonly overdueAfterMs?: number;
  /** Nothing is sent behind it. */
  readonly exclusive?: boolean;
}

/** Only behind work this short is a second frame sent: behind a longer one it had better wait for an idle instance. */
const shortWorkMs = 1;
/** Weight of the latest answer in the learned average. */
const learningRate = 0.2;

/** Something that was loaded in a process, and is asked there: one of several, perhaps, in the same process. */
export class Tenant<Request, Result extends Computed, Workspace = unknown> {
  readonly #host: HostProcess<Workspace>;
  readonly #number: number;
  readonly #protocol: TenantProtocol<Request, Result, Workspace>;
  readonly #onFinal: (error: FinalError) => void;
  #averageMs = Number.POSITIVE_INFINITY;
  readonly #read = (frame: Uint8Array): Result => {
    try {
      const result = this.#protocol.read(frame);
      const known = this.#averageMs;
      const isFirst = known === Number.POSITIVE_INFINITY;
      this.#averageMs = isFirst ? result.computeMs : known + learningRate * (result.computeMs - known);
      return result;
    } catch (error) {
      if (!(error instanceof FinalError)) throw error;
      this.#onFinal(error);
      throw new ProcessFailure('CLOSED', error.message, true, { cause: error });
    }
  };
  #running = 0;
  #onIdle: (() => void) | undefined;

  /** `number`: in the process. `onFinal` hears of a FinalError before the request's own promise does. */
  constructor(
    host: HostProcess<Workspace>,
    number: number,
    protocol: TenantProtocol<Request, Result, Workspace>,
    onFinal: (error: FinalError) => void,
  ) {
    this.#host = host;
    this.#number = number;
    this.#protocol = protocol;
    this.#onFinal = onFinal;
  }

  get pid(): number {
    return this.#host.pid;
  }

  /** Whether it has given an answer. */
  get isProven(): boolean {
    return this.#averageMs < Number.POSITIVE_INFINITY;
  }

  get isIdle(): boolean {
    return this.#host.isIdle;
  }

  /** Whether a request can be sent behind the one that its process is at. */
  get canFollow(): boolean {
    return this.#averageMs < shortWorkMs && this.#host.canFollow(shortWorkMs);
  }

  /** Rejects with what the protocol throws, and with ProcessFailure when the process ended. */
  async request(request: Request, options: RequestOptions = {}): Promise<Result> {
    const chunks = this.#protocol.write(request, this.#number, this.#host.workspace);
    this.#running++;
    try {
      return await this.#host.request({
        tenant: this.#number,
        chunks,
        timeoutMs: options.timeoutMs,
        overdueAfterMs: options.overdueAfterMs,
        exclusive: options.exclusive === true,
        expectedMs: this.#averageMs,
        read: this.#read,
      });
    } finally {
      if (--this.#running === 0) this.#onIdle?.();
    }
  }

  /** Resolves when none of its requests is in flight. */
  whenIdle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Requests in flight fail with CLOSED. */
  close(): Promise<void> {
    return this.#host.leave(this.#number);
  }
}
