import type { Config } from '../config/config.js';

export interface WorkerNumber {
  /** From 1. */
  readonly worker: number;
  readonly workers: number;
}

/** The parts of `total`, as equal as whole numbers allow, add up to it; each is at least 1. */
export const partOf = (total: number, { worker, workers }: WorkerNumber): number =>
  Math.max(1, Math.floor(total / workers) + (worker <= total % workers ? 1 : 0));

/**
 * One worker's settings: cores, what may wait and what may be logged are the server's and are shared out; limits on a
 * request or a connection are each one's own. The primary waits for the gateways before it lets the workers stop.
 */
export const workerShare = (config: Config, number: WorkerNumber): Config => ({
  ...config,
  cores: partOf(config.cores, number),
  loadConcurrency: partOf(config.loadConcurrency, number),
  maxQueueRows: partOf(config.maxQueueRows, number),
  maxQueueBytes: partOf(config.maxQueueBytes, number),
  maxResponseBytes: partOf(config.maxResponseBytes, number),
  logSuccessesPerSecond: config.logSuccessesPerSecond === 0 ? 0 : partOf(config.logSuccessesPerSecond, number),
  drainDelayMs: 0,
});
