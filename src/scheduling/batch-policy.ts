import type { BatchReason } from '../core/serving-observer.js';

/** When a queue's requests leave together, and how many rows of them. */
export interface BatchPolicy {
  /** Rows in one run, at most. */
  readonly maxRows: number;
  /** How long the oldest request may wait for company. 0: whatever waits leaves when an instance is free. */
  readonly maxDelayMs: number;
  /** Ascending. Reaching one ends the wait. */
  readonly preferredSizes: readonly number[];
  /** Ascending. Runs have one of these sizes exactly, padded up to it; empty means any size. */
  readonly allowedSizes: readonly number[];
}

/** One queue, as it stands while an instance is free. */
export interface QueueState {
  readonly rows: number;
  readonly oldestWaitMs: number;
  /** Time left until the first deadline in the queue can no longer be met; Infinity without deadlines. */
  readonly slackMs: number;
  /** Instances that could take a run now. */
  readonly idleInstances: number;
  /** What a run of these rows, as many as one takes, is expected to take; 0 while nothing is known. */
  readonly expectedMs: number;
}

export type BatchDecision =
  | { readonly leave: true; readonly maxRows: number; readonly reason: BatchReason }
  | { readonly leave: false; readonly lookAgainInMs: number };

/** Runs expected to be shorter are not spread over idle instances: the round trip would cost more. */
const worthSpreadingMs = 1;

export function decideBatch(policy: BatchPolicy, queue: QueueState): BatchDecision {
  const limit = Math.min(policy.maxRows, policy.allowedSizes.at(-1) ?? Number.POSITIVE_INFINITY);
  if (queue.rows >= limit) return { leave: true, maxRows: limit, reason: 'full' };
  if (policy.maxDelayMs <= 0) {
    const sharers = queue.expectedMs < worthSpreadingMs ? 1 : Math.max(1, queue.idleInstances);
    return { leave: true, maxRows: Math.max(1, Math.min(limit, Math.ceil(queue.rows / sharers))), reason: 'idle' };
  }
  const preferred = policy.preferredSizes.findLast((size) => size <= queue.rows);
  if (preferred !== undefined) return { leave: true, maxRows: preferred, reason: 'full' };
  const delayLeftMs = policy.maxDelayMs - queue.oldestWaitMs;
  if (delayLeftMs <= 0) return { leave: true, maxRows: limit, reason: 'delay' };
  if (queue.slackMs <= 0) return { leave: true, maxRows: limit, reason: 'deadline' };
  return { leave: false, lookAgainInMs: Math.min(delayLeftMs, queue.slackMs) };
}

/** The size a run of `rows` rows is padded to. */
export function paddedRows(rows: number, allowedSizes: readonly number[]): number {
  return allowedSizes.find((size) => size >= rows) ?? rows;
}
