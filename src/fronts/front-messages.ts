import type { Config } from '../config/config.js';
import type { ModelStatus, ServableStatistics } from '../core/inference-service.js';
import type { ModelSelector } from '../core/model.js';
import type { ErrorCode } from '../core/serving-error.js';

/** What each front is asked when one of them has to answer for all. */
export type Question =
  | { readonly kind: 'ready' | 'models' | 'metrics' }
  | { readonly kind: 'status'; readonly selector: ModelSelector }
  | { readonly kind: 'statistics'; readonly selector?: ModelSelector }
  | { readonly kind: 'load' | 'unload'; readonly name: string };

/** What a question is answered with. */
export interface Answers {
  readonly ready: boolean;
  readonly models: readonly ModelStatus[];
  readonly status: ModelStatus;
  readonly statistics: readonly ServableStatistics[];
  /** The front's metrics, as JSON text: the primary only passes it on. */
  readonly metrics: string;
  readonly load: null;
  readonly unload: null;
}

export type QuestionKind = Question['kind'];

/** A failure on its way between processes. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

export type Outcome = { readonly value: unknown } | { readonly error: PlainError };

/** One front's answer. */
export type Reply = Outcome & {
  /** From 1; 0 is what fronts that have ended left behind. */
  readonly front: number;
};

/** From the primary to a front. */
export type ToFront =
  | {
      readonly kind: 'begin';
      /** From 1; a replacement takes the number of the front that ended. */
      readonly front: number;
      readonly isReplacement: boolean;
      readonly config: Config;
      readonly version: string;
    }
  /** The connection's socket comes along. */
  | { readonly kind: 'connection'; readonly id: number }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'replies'; readonly id: number; readonly replies: readonly Reply[] }
  /** Say that you are not ready, and go on serving. */
  | { readonly kind: 'drain' }
  /** No further connection comes: finish what was taken, and end. */
  | { readonly kind: 'stop' };

/** From a front to the primary. */
export type FromFront =
  /** Takes connections; models may be loading. */
  | { readonly kind: 'listening' }
  /** What it found at its start serves, or has failed. */
  | { readonly kind: 'settled' }
  /** The connection is in this front's hands, and nothing of it was read before. */
  | { readonly kind: 'taken'; readonly id: number }
  /** So many connections have ended since the last time. */
  | { readonly kind: 'closed'; readonly count: number }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: Outcome };
