import { EngineFailure, type EngineFailureKind } from '../core/inference-engine.js';
import { ServingError } from '../core/serving-error.js';
import type { EngineChild, EngineChildOptions } from './engine-child.js';
import { loadError } from './engine-message.js';
import { EngineSession } from './engine-session.js';
import { FrameBuilder } from './frames/frame-builder.js';
import { frameKind, wordsOf } from './frames/frame-layout.js';
import type { LoadedModel, LoadOrder } from './frames/load-order.js';
import { readText, textFrame } from './frames/text-frame.js';
import { type EngineRequest, InFlightFrames, maxInFlight } from './in-flight-frames.js';
import { describeExit, killReasons, type ProcessExit } from './process-exit.js';
import { processorMs } from './processor-time.js';

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

/** One engine process and the models loaded in it. It ends with its last session. */
export class EngineProcess {
  /** Resolves when the process has ended and every request to it is settled. */
  readonly ended: Promise<ProcessExit>;
  readonly #child: EngineChild;
  readonly #inFlight = new InFlightFrames({
    processorMs: () => processorMs(this.pid),
    onOverdue: (overrun) => this.#kill(overrun),
  });
  readonly #builders = Array.from({ length: maxInFlight }, () => new FrameBuilder());
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

  /** Resolves with the process's id once it was started, with 0 when it could not be. */
  get started(): Promise<number> {
    return this.#child.started;
  }

  /** 0 before it was started, and when it could not be. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Models that are loaded, or being loaded. */
  get sessionCount(): number {
    return this.#tenants.size;
  }

  get isIdle(): boolean {
    return this.#inFlight.isEmpty;
  }

  /** Whether new sessions and frames may still be sent here. */
  get isOpen(): boolean {
    return this.#exit === undefined && this.#killedAs === 'CRASHED';
  }

  /** Whether a second frame may follow the one being computed, if that one is expected to be short enough. */
  canFollow(longestMs: number): boolean {
    return this.#inFlight.canFollow(longestMs);
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
      await this.leave(session);
      if (signal?.aborted === true)
        throw new ServingError('CANCELED', 'loading the model was stopped', { cause: error });
      throw error instanceof EngineFailure ? this.#loadFailure(error, timeoutMs) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  request<Answer>(request: EngineRequest<Answer>): Promise<Answer> {
    if (this.#exit !== undefined) return Promise.reject(new EngineFailure(this.#killedAs, this.#exit.cause, false));
    this.#frames++;
    const answer = this.#inFlight.add(request);
    this.#child.send(request.chunks);
    return answer;
  }

  /** Ends a session: its runs in flight fail with CLOSED. Resolves once its memory is free. */
  async leave(session: number): Promise<void> {
    const tenant = this.#tenants.get(session);
    if (tenant === undefined) return;
    if (this.#exit !== undefined) this.#forget(session, tenant, this.#exit.cause);
    else if (this.#tenants.size > 1) this.#unload(session, tenant);
    else await this.#close();
  }

  #unload(session: number, tenant: Tenant): void {
    this.#inFlight.abandon(session, 'the model was unloaded');
    this.#child.send([textFrame(frameKind.unload, session, '')]);
    this.#forget(session, tenant, 'unloaded');
  }

  #forget(session: number, { onEnded }: Tenant, cause: string): void {
    this.#tenants.delete(session);
    onEnded({ cause, lastWords: '', expected: true, wasCulprit: false, hadNeighbours: true });
  }

  async #close(): Promise<void> {
    if (!this.isIdle) this.#kill('CLOSED');
    else if (this.isOpen) {
      this.#killedAs = 'CLOSED';
      this.#child.end();
    }
    await this.ended;
  }

  #kill(kind: EngineFailureKind): void {
    this.#killedAs = kind;
    this.#child.kill();
  }

  #open(session: number, order: LoadOrder, frame: Uint8Array): EngineSession {
    if (wordsOf(frame)[1] === frameKind.failed) throw loadError(readText(frame), order);
    const model = JSON.parse(readText(frame)) as LoadedModel;
    return new EngineSession({ process: this, number: session, files: order, model });
  }

  #loadFailure(failure: EngineFailure, timeoutMs: number): ServingError {
    if (failure.kind === 'RUN_TIMEOUT' || failure.kind === 'STALLED')
      return new ServingError(
        'DEADLINE_EXCEEDED',
        `the model was not loaded within ${timeoutMs} ms; allow more time if it is large`,
      );
    const how = this.#exit === undefined ? '' : `: ${describeExit(this.#exit)}`;
    return new ServingError('INTERNAL', `the engine process ended while it loaded the model${how}`, { cause: failure });
  }

  #answered(frame: Uint8Array): void {
    const session = this.#inFlight.answer(frame);
    if (session !== undefined) this.#serveLast(session);
    for (const { onAnswered } of this.#tenants.values()) onAnswered();
  }

  #serveLast(session: number): void {
    const tenant = this.#tenants.get(session);
    if (tenant === undefined || this.#tenants.size === 1) return;
    this.#tenants.delete(session);
    this.#tenants.set(session, tenant);
  }

  #exited(given: ProcessExit): void {
    const reason = killReasons[this.#killedAs];
    const exit = reason === undefined ? given : { ...given, reason };
    this.#exit = exit;
    const culprit = this.#inFlight.failAll(this.#killedAs, exit.cause);
    const tenants = [...this.#tenants];
    this.#tenants.clear();
    const end = { ...exit, expected: this.#killedAs === 'CLOSED', hadNeighbours: tenants.length > 1 };
    for (const [session, { onEnded }] of tenants) onEnded({ ...end, wasCulprit: culprit === session });
    this.#resolveEnded(exit);
  }
}
