/** How stubbornly processes are started again. */
export interface RestartPolicy {
  /** Before the second attempt in a row; doubled for each further one. The first is made at once. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** From one start to the next, however well the process had worked: bounds what a flood of poison can cost. */
  readonly minIntervalMs: number;
  /** A process that lived this long was well, even if it had nothing to compute. */
  readonly healthyAfterMs: number;
  /** Failures in a row after which an instance has no hope. */
  readonly maxFailures: number;
}

export const defaultRestartPolicy: RestartPolicy = {
  baseDelayMs: 250,
  maxDelayMs: 30_000,
  minIntervalMs: 200,
  healthyAfterMs: 10_000,
  maxFailures: 6,
};

/** One life of an instance, from its start to its end. */
export interface Life {
  readonly durationMs: number;
  /** Whether it computed an answer. */
  readonly wasProven: boolean;
  /** Whether its end came from a neighbour in the same process. */
  readonly endedByNeighbour: boolean;
}

/**
 * Failures in a row, counted on. An end that follows an answer starts the count anew: what came between was at
 * fault, not the model.
 */
export function countFailures(policy: RestartPolicy, failuresBefore: number, life: Life): number {
  if (life.endedByNeighbour) return failuresBefore;
  return life.wasProven || life.durationMs >= policy.healthyAfterMs ? 1 : failuresBefore + 1;
}

/** Milliseconds to wait before the next start. `draw` lies in [0, 1) and keeps instances from starting in step. */
export function restartDelayMs(policy: RestartPolicy, failures: number, lifeMs: number, draw: number): number {
  const backoff =
    failures <= 1 ? 0 : Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 2)) * (0.75 + 0.5 * draw);
  return Math.max(backoff, policy.minIntervalMs - lifeMs, 0);
}
