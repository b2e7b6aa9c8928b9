import type { InferenceTimings } from './inference.js';
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
  /** As the protocol told the caller: an HTTP or gRPC status. */
  readonly status?: number;
  readonly rows?: number;
  readonly timings?: InferenceTimings;
  /** What the request failed with. */
  readonly error?: unknown;
}

export interface BatchFinished {
  readonly id: ModelVersionId;
  readonly rows: number;
  readonly requests: number;
  readonly reason: BatchReason;
  /** One entry for each request of the batch. */
  readonly queueMs: readonly number[];
  /** As the front saw it. */
  readonly batchMs: number;
  /** Inside the engine. */
  readonly computeMs: number;
  readonly outcome: 'ok' | 'model-error' | 'engine-failure';
}

/**
 * Hears what happens; never throws and never waits. Every member is optional so that an observer of one
 * fact stays one function.
 */
export interface ServingObserver {
  requestFinished?(event: RequestFinished): void;
  batchFinished?(event: BatchFinished): void;
  /** An answer showed that a model that was batched does not keep rows apart; its requests run one at a time from now on. */
  batchingStopped?(event: { id: ModelVersionId; reason: string }): void;
  /** A queued or running request whose caller went away. */
  requestCanceled?(event: { id: ModelVersionId; where: 'queue' | 'flight' }): void;
  versionStateChanged?(event: { id: ModelVersionId; state: ModelVersionState; reason?: string }): void;
  /** A model's folder or `model.json` cannot be used, or (without `problem`) can be again. */
  modelProblemChanged?(event: { name: string; problem?: string }): void;
  versionLoaded?(event: { id: ModelVersionId; durationMs: number }): void;
  engineStarted?(event: { id: ModelVersionId; pid: number }): void;
  engineExited?(event: { id: ModelVersionId; pid: number; expected: boolean; cause: string }): void;
}

/** Tells every observer, in order. */
export function fanOut(observers: readonly ServingObserver[]): Required<ServingObserver> {
  return {
    requestFinished: (event) => observers.forEach((observer) => void observer.requestFinished?.(event)),
    batchFinished: (event) => observers.forEach((observer) => void observer.batchFinished?.(event)),
    batchingStopped: (event) => observers.forEach((observer) => void observer.batchingStopped?.(event)),
    requestCanceled: (event) => observers.forEach((observer) => void observer.requestCanceled?.(event)),
    versionStateChanged: (event) => observers.forEach((observer) => void observer.versionStateChanged?.(event)),
    modelProblemChanged: (event) => observers.forEach((observer) => void observer.modelProblemChanged?.(event)),
    versionLoaded: (event) => observers.forEach((observer) => void observer.versionLoaded?.(event)),
    engineStarted: (event) => observers.forEach((observer) => void observer.engineStarted?.(event)),
    engineExited: (event) => observers.forEach((observer) => void observer.engineExited?.(event)),
  };
}
