import type { Scope } from './access.js';
import type { CallTrace } from './call-trace.js';
import type { InferenceTimings, InferenceUsage } from './inference.js';
import type { ModelVersionId, ModelVersionState } from './model.js';
import type { ErrorCode } from './serving-error.js';

/** Why a batch left its queue. */
export type BatchReason = 'full' | 'idle' | 'delay' | 'deadline' | 'retry';

export interface RequestFinished {
  /** Absent when no loaded version answered: an unknown name must not become a metric label. */
  readonly id?: ModelVersionId | undefined;
  /** `v1`, `v2`, `grpc`. */
  readonly protocol: string;
  readonly code: ErrorCode | 'OK';
  /** From the request's arrival to its answer. */
  readonly durationMs: number;
  /** The caller's own id of the request, or the one made for it. */
  readonly requestId?: string;
  /** Of the key or token that it came with. */
  readonly principal?: string | undefined;
  /** Where calls are traced. */
  readonly trace?: CallTrace | undefined;
  /** As the protocol told the caller: an HTTP or gRPC status. */
  readonly status?: number;
  readonly rows?: number;
  readonly timings?: InferenceTimings;
  /** What the request failed with. */
  readonly error?: unknown;
}

/** A call that was not let in. */
export interface CallDenied {
  readonly scope: Scope;
  readonly code: ErrorCode;
  readonly requestId: string;
  /** What its caller was told. */
  readonly reason: string;
}

export interface BatchFinished {
  readonly id: ModelVersionId;
  readonly rows: number;
  readonly requests: number;
  readonly reason: BatchReason;
  /** One entry for each request of the batch. */
  readonly queueMs: readonly number[];
  /** As the worker saw it. */
  readonly batchMs: number;
  /** Inside the engine. */
  readonly computeMs: number;
  readonly outcome: 'ok' | 'model-error' | 'engine-failure';
  /** Absent where no request of the batch is recorded. */
  readonly traced?: TracedBatch | undefined;
}

export interface TracedBatch {
  /** When it was sent to the engine, a moment of `performance.now()`. */
  readonly startedAtMs: number;
  /** Of each request, in the order of `queueMs`; undefined where that one is not recorded. */
  readonly requests: readonly (CallTrace | undefined)[];
}

/** A request with a task was answered: what its inputs came to. */
export interface InputsPrepared {
  readonly id: ModelVersionId;
  readonly usage: InferenceUsage | undefined;
  /** Where the call is traced. */
  readonly trace: CallTrace | undefined;
  /** In the preparation process. */
  readonly prepareMs: number;
}

export interface VersionStateChanged {
  readonly id: ModelVersionId;
  readonly state: ModelVersionState;
  /** Why it does not serve, or, AVAILABLE, why its newest files do not. */
  readonly reason?: string;
  /** Other files serve than before, under the same version. */
  readonly isReplaced?: boolean;
}

/** Everything that observers may hear, by name. */
export interface ServingEvents {
  requestFinished: RequestFinished;
  inputsPrepared: InputsPrepared;
  callDenied: CallDenied;
  batchFinished: BatchFinished;
  /** An answer showed that a model that was batched does not keep rows apart; its requests run one at a time from now on. */
  batchingStopped: { readonly id: ModelVersionId; readonly reason: string };
  /** A queued or running request whose caller went away. */
  requestCanceled: { readonly id: ModelVersionId; readonly where: 'queue' | 'flight' };
  versionStateChanged: VersionStateChanged;
  /** A version does not answer a golden request as it has to: it is not going to serve. */
  goldenFailed: { readonly id: ModelVersionId; readonly reason: string };
  /** A model's folder or `model.json` cannot be used, or (without `problem`) can be again. */
  modelProblemChanged: { readonly name: string; readonly problem?: string };
  versionLoaded: { readonly id: ModelVersionId; readonly durationMs: number };
  engineStarted: { readonly id: ModelVersionId; readonly pid: number };
  engineExited: {
    readonly id: ModelVersionId;
    readonly pid: number;
    readonly expected: boolean;
    readonly cause: string;
  };
  /** Of a model with a task: the process that prepares what it is given. */
  preparationStarted: { readonly id: ModelVersionId; readonly pid: number };
  preparationExited: ServingEvents['engineExited'];
}

/**
 * Hears what happens; never throws and never waits. Every member is optional so that an observer of one
 * fact stays one function.
 */
export type ServingObserver = { readonly [Event in keyof ServingEvents]?: (event: ServingEvents[Event]) => void };

/** Where events are told: to leave one out does not compile. */
export type ServingEmitter = { readonly [Event in keyof ServingEvents]: (event: ServingEvents[Event]) => void };

/** Tells every observer, in order, those that are added later, too. The one place where events are passed on. */
export function fanOut(observers: readonly ServingObserver[]): ServingEmitter {
  // Each by its name, so that each call site knows its member: requests pass here.
  return {
    requestFinished: (event) => {
      for (const observer of observers) observer.requestFinished?.(event);
    },
    inputsPrepared: (event) => {
      for (const observer of observers) observer.inputsPrepared?.(event);
    },
    callDenied: (event) => {
      for (const observer of observers) observer.callDenied?.(event);
    },
    batchFinished: (event) => {
      for (const observer of observers) observer.batchFinished?.(event);
    },
    batchingStopped: (event) => {
      for (const observer of observers) observer.batchingStopped?.(event);
    },
    requestCanceled: (event) => {
      for (const observer of observers) observer.requestCanceled?.(event);
    },
    versionStateChanged: (event) => {
      for (const observer of observers) observer.versionStateChanged?.(event);
    },
    goldenFailed: (event) => {
      for (const observer of observers) observer.goldenFailed?.(event);
    },
    modelProblemChanged: (event) => {
      for (const observer of observers) observer.modelProblemChanged?.(event);
    },
    versionLoaded: (event) => {
      for (const observer of observers) observer.versionLoaded?.(event);
    },
    engineStarted: (event) => {
      for (const observer of observers) observer.engineStarted?.(event);
    },
    engineExited: (event) => {
      for (const observer of observers) observer.engineExited?.(event);
    },
    preparationStarted: (event) => {
      for (const observer of observers) observer.preparationStarted?.(event);
    },
    preparationExited: (event) => {
      for (const observer of observers) observer.preparationExited?.(event);
    },
  };
}
