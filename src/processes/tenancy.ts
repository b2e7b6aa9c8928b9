import type { ProcessExit } from './process-exit.js';

/** A frame that asks something of a tenant. */
export interface ProcessRequest<Result> {
  readonly tenant: number;
  readonly chunks: readonly Uint8Array[];
  /** From when the process can have begun with it. */
  readonly timeoutMs: number | undefined;
  /** Sooner, unless the process then waits for a processor. Default: `timeoutMs`. */
  readonly overdueAfterMs?: number | undefined;
  /** Nothing is sent behind it. */
  readonly exclusive: boolean;
  /** What it is expected to take. */
  readonly expectedMs: number;
  /** May throw what the request is to be rejected with. */
  readonly read: (frame: Uint8Array) => Result;
}

/** How a tenancy ended: with the process, or by leaving one that others live in. */
export interface TenantEnd extends ProcessExit {
  /** Whether this side had asked for it. */
  readonly expected: boolean;
  /** Whether the process was at work for this very tenant. */
  readonly wasComputing: boolean;
  /** Whether others lived in the process. */
  readonly hadNeighbours: boolean;
}

export interface TenantListener {
  /** Called whenever a frame, of this tenant or another, has been answered. */
  readonly onResponse: () => void;
  /** Called once, also when it could not move in. */
  readonly onEnded: (end: TenantEnd) => void;
}

/** What is to be loaded in a process. */
export interface NewTenant<Opened> extends TenantListener {
  /** The frame that asks the process to take the tenant in. */
  readonly chunks: (tenant: number) => readonly Uint8Array[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What the response to it says. May throw what `addTenant` is to reject with. */
  readonly read: (frame: Uint8Array, tenant: number) => Opened;
}
