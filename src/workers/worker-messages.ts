import type { Config } from '../config/config.js';
import type { LoadOptions, ModelStatus, ServableStatistics } from '../core/inference-service.js';
import type { ModelSelector } from '../core/model.js';
import { type ErrorCode, type Missing, ServingError } from '../core/serving-error.js';

/** What each worker is asked when one of them has to answer for all. */
export type Query =
  | { readonly kind: 'ready' | 'models' | 'metrics' }
  | { readonly kind: 'status'; readonly selector: ModelSelector }
  | { readonly kind: 'statistics'; readonly selector?: ModelSelector }
  | { readonly kind: 'load'; readonly name: string; readonly options: LoadOptions }
  | { readonly kind: 'unload'; readonly name: string };

/** What a query is answered with. */
export interface QueryResults {
  readonly ready: boolean;
  readonly models: readonly ModelStatus[];
  readonly status: ModelStatus;
  readonly statistics: readonly ServableStatistics[];
  /** The worker's metrics, as JSON text: the primary only passes it on. */
  readonly metrics: string;
  readonly load: null;
  readonly unload: null;
}

export type QueryKind = Query['kind'];

/** A failure on its way between processes. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  readonly missing?: Missing;
}

export type Outcome = { readonly value: unknown } | { readonly error: PlainError };

/** One worker's answer. */
export type Reply = Outcome & {
  /** From 1; 0 is what workers that have ended left behind. */
  readonly worker: number;
};

/** From the primary to a worker. */
export type ToWorker =
  | {
      readonly kind: 'begin';
      /** From 1; a replacement takes the number of the worker that ended. */
      readonly worker: number;
      readonly isReplacement: boolean;
      /** Of the servers that share the port. */
      readonly workers: number;
      readonly config: Config;
      readonly version: string;
      /** Of the primary, for what all workers have to know. */
      readonly folder: string;
    }
  /** The connection's socket comes along. */
  | { readonly kind: 'connection'; readonly id: number; readonly listener: string }
  | { readonly kind: 'query'; readonly id: number; readonly query: Query }
  | { readonly kind: 'replies'; readonly id: number; readonly replies: readonly Reply[] }
  /** Say that you are not ready, and go on serving. */
  | { readonly kind: 'drain' }
  /** No further connection comes: finish what was taken, and end. */
  | { readonly kind: 'stop' };

/** From a worker to the primary. */
export type FromWorker =
  /** Takes connections; models may be loading. */
  | { readonly kind: 'listening' }
  /** What it found at its start serves, or has failed. */
  | { readonly kind: 'loaded' }
  /** The connection is in this worker's hands, and nothing of it was read before. */
  | { readonly kind: 'taken'; readonly id: number }
  /** So many connections have ended since the last time. */
  | { readonly kind: 'closed'; readonly count: number }
  | { readonly kind: 'broadcast'; readonly id: number; readonly query: Query }
  | { readonly kind: 'result'; readonly id: number; readonly outcome: Outcome };

/** What was not foreseen crosses as INTERNAL, without its stack. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof ServingError)) {
    return { code: 'INTERNAL', message: `unexpected failure: ${error instanceof Error ? error.message : error}` };
  }
  const { code, message, retryAfterSeconds, missing } = error;
  return {
    code,
    message,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(missing !== undefined && { missing }),
  };
}

export const servingError = ({ code, message, ...options }: PlainError): ServingError =>
  new ServingError(code, message, options);
