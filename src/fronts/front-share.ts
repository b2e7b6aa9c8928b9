import type { Config } from '../config/config.js';

export interface FrontNumber {
  /** From 1. */
  readonly front: number;
  readonly fronts: number;
}

/** The parts of `total`, as equal as whole numbers allow, add up to it; each is at least 1. */
export const partOf = (total: number, { front, fronts }: FrontNumber): number =>
  Math.max(1, Math.floor(total / fronts) + (front <= total % fronts ? 1 : 0));

/**
 * One front's settings: cores, what may wait and what may be logged are the server's and are shared out; limits on a
 * request or a connection are each one's own. The primary waits for the gateways before it lets the fronts stop.
 */
export const frontShare = (config: Config, number: FrontNumber): Config => ({
  ...config,
  cores: partOf(config.cores, number),
  loadConcurrency: partOf(config.loadConcurrency, number),
  maxQueueRows: partOf(config.maxQueueRows, number),
  maxQueueBytes: partOf(config.maxQueueBytes, number),
  logSuccessesPerSecond: config.logSuccessesPerSecond === 0 ? 0 : partOf(config.logSuccessesPerSecond, number),
  drainDelayMs: 0,
});
