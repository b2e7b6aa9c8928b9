import { ProcessFailure, type ProcessFailureKind } from '../core/process-failure.js';
import { FramedProcess } from './framed-process.js';
import { leaveKind, textFrame } from './frames/frames.js';
import type { LaunchedProcess } from './launch/spawn-process.js';
import { killReasons, type ProcessExit } from './process-exit.js';
import { processorTimes } from './process-status.js';
import { RunClock } from './run-clock.js';
import type { NewTenant, ProcessRequest, TenantListener } from './tenancy.js';

/** A process computes one frame; a second may lie in its socket, so that it need not wait for the worker. */
export const maxInFlight = 2;

interface InFlight {
  readonly request: ProcessRequest<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One supervised process and its tenants: what was loaded in it. It ends with its last tenant. */
export class HostProcess<Workspace = unknown> {
  /** Resolves when the process has ended and every request to it is settled. */
  readonly ended: Promise<ProcessExit>;
  /** What its kind keeps for each process. */
  readonly workspace: Workspace;
  /** Whether new tenants and frames may still be sent here. */
  isOpen = true;
  readonly #process: FramedProcess;
  /** The frames that it was sent and has not answered, in order: the first is the one that it works on. */
  readonly #inFlight: InFlight[] = [];
  readonly #clock = new RunClock({
    processorTimes: () => processorTimes(this.pid),
    onOverdue: (overrun) => this.#kill(overrun),
  });
  /** The one just served is last, and hears last of the free place. */
  readonly #tenants = new Map<number, TenantListener>();
  readonly #onResponse = (frame: Uint8Array): void => {
    const head = this.#inFlight.shift();
    const next = this.#inFlight[0]?.request;
    this.#clock.set(next?.timeoutMs, next?.overdueAfterMs);
    if (head !== undefined) {
      try {
        head.resolve(head.request.read(frame));
      } catch (error) {
        head.reject(error);
      }
      if (this.#tenants.size > 1) this.#serveLast(head.request.tenant);
    }
    for (const listener of this.#tenants.values()) listener.onResponse();
  };
  #lastTenant = 0;
  #killedAs: ProcessFailureKind = 'CRASHED';
  #exit: ProcessExit | undefined;
  #resolveEnded: (exit: ProcessExit) => void = () => {};

  constructor(launch: Promise<LaunchedProcess>, workspace: Workspace) {
    this.workspace = workspace;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#process = new FramedProcess({
      launch,
      onFrame: this.#onResponse,
      onExit: (exit) => this.#exited(exit),
    });
  }

  /** Resolves with the process's id once it was started, with 0 when it could not be. */
  get started(): Promise<number> {
    return this.#process.started;
  }

  /** 0 before it was started, and when it could not be. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Tenants that live here, or are moving in. */
  get tenantCount(): number {
    return this.#tenants.size;
  }

  /** Whether a frame would be worked on at once. */
  get isIdle(): boolean {
    return this.isOpen && this.#inFlight.length === 0;
  }

  /** Whether a second frame may follow the one being worked on: if that one, for all that is known of it, is short enough. */
  canFollow(longestMs: number): boolean {
    const head = this.#inFlight[0]?.request;
    if (!this.isOpen || head === undefined || this.#inFlight.length >= maxInFlight) return false;
    return !head.exclusive && head.expectedMs < longestMs;
  }

  /** Takes a tenant in. Rejects with what `read` throws or with a ProcessFailure; a process left without tenants then ends. */
  async addTenant<Opened>({ chunks, timeoutMs, signal, read, ...listener }: NewTenant<Opened>): Promise<Opened> {
    const tenant = ++this.#lastTenant;
    this.#tenants.set(tenant, listener);
    const abort = (): void => void this.leave(tenant);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      return await this.request({
        tenant,
        chunks: chunks(tenant),
        timeoutMs,
        exclusive: true,
        expectedMs: timeoutMs,
        read: (frame) => read(frame, tenant),
      });
    } catch (error) {
      await this.leave(tenant);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  request<Result>(request: ProcessRequest<Result>): Promise<Result> {
    if (this.#exit !== undefined) return Promise.reject(new ProcessFailure(this.#killedAs, this.#exit.cause, false));
    const result = new Promise<Result>((resolve, reject) => {
      const inFlight = { request, resolve: resolve as InFlight['resolve'], reject };
      if (this.#inFlight.push(inFlight) === 1) this.#clock.set(request.timeoutMs, request.overdueAfterMs);
    });
    this.#process.send(request.chunks);
    return result;
  }

  /** Ends a tenancy: its requests in flight fail with CLOSED. Resolves once its memory is free. */
  async leave(tenant: number): Promise<void> {
    const listener = this.#tenants.get(tenant);
    if (listener === undefined) return;
    if (this.#exit !== undefined) this.#forget(tenant, listener, this.#exit.cause);
    else if (this.#tenants.size > 1) this.#moveOut(tenant, listener);
    else await this.#close();
  }

  #moveOut(tenant: number, listener: TenantListener): void {
    // What it answers them is still awaited.
    for (const { request, reject } of this.#inFlight) {
      if (request.tenant === tenant) reject(new ProcessFailure('CLOSED', 'it was unloaded', false));
    }
    this.#process.send([textFrame(leaveKind, tenant, '')]);
    this.#forget(tenant, listener, 'unloaded');
  }

  #forget(tenant: number, listener: TenantListener, cause: string): void {
    this.#tenants.delete(tenant);
    listener.onEnded({ cause, lastWords: '', expected: true, wasComputing: false, hadNeighbours: true });
  }

  async #close(): Promise<void> {
    if (this.#inFlight.length > 0) this.#kill('CLOSED');
    else if (this.isOpen) {
      this.isOpen = false;
      this.#killedAs = 'CLOSED';
      this.#process.end();
    }
    await this.ended;
  }

  #kill(kind: ProcessFailureKind): void {
    this.isOpen = false;
    this.#killedAs = kind;
    this.#process.kill();
  }

  #serveLast(tenant: number): void {
    const listener = this.#tenants.get(tenant);
    if (listener === undefined) return;
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, listener);
  }

  #exited(given: ProcessExit): void {
    const reason = killReasons[this.#killedAs];
    const exit = reason === undefined ? given : { ...given, reason };
    this.#exit = exit;
    this.isOpen = false;
    const computing = this.#failAll(this.#killedAs, exit.cause);
    const tenants = [...this.#tenants];
    this.#tenants.clear();
    const end = { ...exit, expected: this.#killedAs === 'CLOSED', hadNeighbours: tenants.length > 1 };
    for (const [tenant, { onEnded }] of tenants) onEnded({ ...end, wasComputing: computing === tenant });
    this.#resolveEnded(exit);
  }

  /** Rejects every request in flight; gives the tenant that the process was at work for. */
  #failAll(kind: ProcessFailureKind, cause: string): number | undefined {
    this.#clock.clear();
    const [head, ...behind] = this.#inFlight.splice(0);
    head?.reject(new ProcessFailure(kind, cause));
    // What was not begun has exceeded no time limit.
    const kindBehind = kind === 'RUN_TIMEOUT' || kind === 'STALLED' ? 'CRASHED' : kind;
    for (const { reject } of behind) reject(new ProcessFailure(kindBehind, cause, false));
    return head?.request.tenant;
  }
}
