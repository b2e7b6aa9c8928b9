import { EngineFailure, type EngineFailureKind } from '../core/inference-engine.js';
import { ServingError } from '../core/serving-error.js';
import { DeadlineTimer } from './deadline-timer.js';
import type { EngineChild, EngineChildOptions } from './engine-child.js';
import { loadError } from './engine-message.js';
import { EngineSession } from './engine-session.js';
import { FrameBuilder } from './frames/frame-builder.js';
import { frameKind, wordsOf } from './frames/frame-layout.js';
import type { LoadedModel, LoadOrder } from './frames/load-order.js';
import { readText, textFrame } from './frames/text-frame.js';
import { describeExit, type ProcessExit } from './process-exit.js';

/** A process computes one frame; a second may lie in its socket, so that it need not wait for the front. */
const maxInFlight = 2;

/** How a session ended: with its process, or by being unloaded from one that others live in. */
export interface SessionEnd extends ProcessExit {
  /** Whether this side had asked for it. */
  readonly expected: boolean;
  /** Whether the process was at work for this very session. */
  readonly wasCulprit: boolean;
  /** Whether other sessions lived in the process. */
  readonly hadNeighbours: boolean;
}

export interface LoadOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called whenever a frame, of this session or another, has been answered. */
  readonly onAnswered: () => void;
  /** Called once, also when loading fails. */
  readonly onEnded: (end: SessionEnd) => void;
}

type Tenant = Pick<LoadOptions, 'onAnswered' | 'onEnded'>;

export interface EngineRequest<Answer> {
  readonly session: number;
  readonly chunks: readonly Uint8Array[];
  readonly timeoutMs: number | undefined;
  readonly exclusive: boolean;
  /** What the run is expected to take. */
  readonly expectedMs: number;
  /** May throw what the request is to be rejected with. */
  readonly read: (frame: Uint8Array) => Answer;
}

interface Pending {
  readonly request: EngineRequest<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One engine process, the models loaded in it and the frames it has not answered yet. It ends with its last session. */
export class EngineProcess {
  /** Resolves when the process has ended and every request to it is settled. */
  readonly ended: Promise<ProcessExit>;
  readonly #child: EngineChild;
  readonly #pending: Pending[] = [];
  readonly #deadline = new DeadlineTimer(() => this.#kill('RUN_TIMEOUT'));
  readonly #builders = [new FrameBuilder(), new FrameBuilder()] as const;
  #frames = 0;
  /** By session; the one just served is last, and hears last of the free place. */
  readonly #tenants = new Map<number, Tenant>();
  #lastSession = 0;
  #killedAs: EngineFailureKind = 'CRASHED';
  #exit: ProcessExit | undefined;
  #resolveEnded: (exit: ProcessExit) => void = () => {};

  constructor(start: (handlers: Pick<EngineChildOptions, 'onFrame' | 'onExit'>) => EngineChild) {
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#child = start({ onFrame: (frame) => this.#answered(frame), onExit: (exit) => this.#exited(exit) });
  }

  /** 0 when the process could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Models that are loaded, or being loaded. */
  get sessionCount(): number {
    return this.#tenants.size;
  }

  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  /** Whether new sessions and frames may still be sent here. */
  get isOpen(): boolean {
    return this.#exit === undefined && this.#killedAs === 'CRASHED';
  }

  /** Whether a second frame may follow the one being computed, for all that is known of that one. */
  canFollow(longestMs: number): boolean {
    const head = this.#pending[0]?.request;
    return this.#pending.length < maxInFlight && head !== undefined && !head.exclusive && head.expectedMs < longestMs;
  }

  /** The memory to build the next frame in: that of a frame which has been answered. */
  nextBuilder(): FrameBuilder {
    return this.#builders[this.#frames % maxInFlight] as FrameBuilder;
  }

  /** Rejects with a ServingError that says why; a process left without sessions then ends. */
  async load(order: LoadOrder, { timeoutMs, signal, ...tenant }: LoadOptions): Promise<EngineSession> {
    const session = ++this.#lastSession;
    this.#tenants.set(session, tenant);
    const abort = (): void => void this.leave(session);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      return await this.request({
        session,
        chunks: [textFrame(frameKind.load, session, JSON.stringify(order))],
        timeoutMs,
        exclusive: true,
        expectedMs: timeoutMs,
        read: (frame) => this.#open(session, order, frame),
      });
    } catch (error) {
      void this.leave(session);
      if (signal?.aborted === true)
        throw new ServingError('CANCELED', 'loading the model was stopped', { cause: error });
      throw error instanceof EngineFailure ? this.#loadFailure(error, timeoutMs) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  request<Answer>(request: EngineRequest<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#exit !== undefined) {
        reject(new EngineFailure(this.#killedAs, this.#exit.cause, false));
        return;
      }
      this.#frames++;
      if (this.#pending.push({ request, resolve: resolve as (answer: unknown) => void, reject }) === 1) {
        this.#deadline.set(request.timeoutMs);
      }
      this.#child.send(request.chunks);
    });
  }

  /** Ends a session: its runs in flight fail with CLOSED. Resolves once its memory is free. */
  async leave(session: number): Promise<void> {
    const tenant = this.#tenants.get(session);
    if (tenant === undefined) return;
    if (this.#exit !== undefined) this.#forget(session, tenant, this.#exit.cause);
    else if (this.#tenants.size > 1) this.#unload(session, tenant);
    else await this.#close();
  }

  #forget(session: number, { onEnded }: Tenant, cause: string): void {
    this.#tenants.delete(session);
    onEnded({ cause, lastWords: '', expected: true, wasCulprit: false, hadNeighbours: true });
  }

  #unload(session: number, tenant: Tenant): void {
    for (const pending of this.#pending) {
      if (pending.request.session === session)
        pending.reject(new EngineFailure('CLOSED', 'the model was unloaded', false));
    }
    this.#child.send([textFrame(frameKind.unload, session, '')]);
    this.#forget(session, tenant, 'unloaded');
  }

  async #close(): Promise<void> {
    if (!this.isIdle) this.#kill('CLOSED');
    else if (this.isOpen) {
      this.#killedAs = 'CLOSED';
      this.#child.end();
    }
    await this.ended;
  }

  #open(session: number, order: LoadOrder, frame: Uint8Array): EngineSession {
    if (wordsOf(frame)[1] === frameKind.failed) throw loadError(readText(frame), order.modelPath);
    const model = JSON.parse(readText(frame)) as LoadedModel;
    return new EngineSession({ process: this, number: session, modelPath: order.modelPath, model });
  }

  #loadFailure({ kind }: EngineFailure, timeoutMs: number): ServingError {
    if (kind === 'RUN_TIMEOUT')
      return new ServingError(
        'DEADLINE_EXCEEDED',
        `the model was not loaded within ${timeoutMs} ms; allow more time if it is large`,
      );
    const how = this.#exit === undefined ? '' : `: ${describeExit(this.#exit)}`;
    return new ServingError('INTERNAL', `the engine process ended while it loaded the model${how}`);
  }

  #answered(frame: Uint8Array): void {
    const pending = this.#pending.shift();
    this.#deadline.set(this.#pending[0]?.request.timeoutMs);
    if (pending === undefined) return;
    settle(pending, frame);
    this.#serveLast(pending.request.session);
    for (const { onAnswered } of this.#tenants.values()) onAnswered();
  }

  #serveLast(session: number): void {
    const tenant = this.#tenants.get(session);
    if (tenant === undefined || this.#tenants.size === 1) return;
    this.#tenants.delete(session);
    this.#tenants.set(session, tenant);
  }

  #kill(kind: EngineFailureKind): void {
    this.#killedAs = kind;
    this.#child.kill();
  }

  #exited(exit: ProcessExit): void {
    this.#deadline.clear();
    this.#exit = exit;
    const [head, ...waiting] = this.#pending.splice(0);
    head?.reject(new EngineFailure(this.#killedAs, exit.cause));
    // What was not begun has exceeded no time limit.
    const waitingKind = this.#killedAs === 'RUN_TIMEOUT' ? 'CRASHED' : this.#killedAs;
    for (const pending of waiting) pending.reject(new EngineFailure(waitingKind, exit.cause, false));
    const tenants = [...this.#tenants];
    this.#tenants.clear();
    const end = { ...exit, expected: this.#killedAs === 'CLOSED', hadNeighbours: tenants.length > 1 };
    for (const [session, { onEnded }] of tenants) onEnded({ ...end, wasCulprit: head?.request.session === session });
    this.#resolveEnded(exit);
  }
}

function settle({ request, resolve, reject }: Pending, frame: Uint8Array): void {
  try {
    resolve(request.read(frame));
  } catch (error) {
    reject(error);
  }
}
