import { EngineFailure, type EngineFailureKind } from '../core/inference-engine.js';
import { RunClock, type RunClockOptions } from './run-clock.js';

/** A process computes one frame; a second may lie in its socket, so that it need not wait for the front. */
export const maxInFlight = 2;

export interface EngineRequest<Answer> {
  readonly session: number;
  readonly chunks: readonly Uint8Array[];
  /** From when the process can have begun with it. */
  readonly timeoutMs: number | undefined;
  /** Nothing is sent behind it. */
  readonly exclusive: boolean;
  /** What the run is expected to take. */
  readonly expectedMs: number;
  /** May throw what the request is to be rejected with. */
  readonly read: (frame: Uint8Array) => Answer;
}

interface Waiting {
  readonly request: EngineRequest<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The frames a process was sent and has not answered, in order: the first is the one it works on. */
export class InFlightFrames {
  readonly #waiting: Waiting[] = [];
  readonly #clock: RunClock;

  constructor(options: RunClockOptions) {
    this.#clock = new RunClock(options);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether a second frame may follow the one being computed, for all that is known of that one. */
  canFollow(longestMs: number): boolean {
    const head = this.#waiting[0]?.request;
    return this.#waiting.length < maxInFlight && head !== undefined && !head.exclusive && head.expectedMs < longestMs;
  }

  add<Answer>(request: EngineRequest<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting = { request, resolve: resolve as (answer: unknown) => void, reject };
      if (this.#waiting.push(waiting) === 1) this.#clock.set(request.timeoutMs);
    });
  }

  /** Settles the first request; returns its session. */
  answer(frame: Uint8Array): number | undefined {
    const waiting = this.#waiting.shift();
    this.#clock.set(this.#waiting[0]?.request.timeoutMs);
    if (waiting === undefined) return undefined;
    const { request, resolve, reject } = waiting;
    try {
      resolve(request.read(frame));
    } catch (error) {
      reject(error);
    }
    return request.session;
  }

  /** Rejects what is in flight for a session; its answers are still awaited. */
  abandon(session: number, cause: string): void {
    for (const { request, reject } of this.#waiting) {
      if (request.session === session) reject(new EngineFailure('CLOSED', cause, false));
    }
  }

  /** Rejects everything: the process is gone. Returns the session it was at work for. */
  failAll(kind: EngineFailureKind, cause: string): number | undefined {
    this.#clock.clear();
    const [head, ...behind] = this.#waiting.splice(0);
    head?.reject(new EngineFailure(kind, cause));
    // What was not begun has exceeded no time limit.
    const kindBehind = kind === 'RUN_TIMEOUT' || kind === 'STALLED' ? 'CRASHED' : kind;
    for (const { reject } of behind) reject(new EngineFailure(kindBehind, cause, false));
    return head?.request.session;
  }
}
