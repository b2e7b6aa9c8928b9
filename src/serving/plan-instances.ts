import type { ModelConfig } from '../core/model-config.js';

export interface InstanceFacts {
  /** Cores the server may use. */
  readonly cores: number;
  /** Cost of the smallest run; undefined when it could not be measured. */
  readonly singleRunMs: number | undefined;
}

export interface InstancePlan {
  readonly instances: number;
  readonly threads: number;
}

/**
 * A run of so many milliseconds keeps up with a front, which reads and answers a request in a fraction of that; one that takes
 * longer is worth another process for each time it does. The smallest run is of made-up inputs: what is asked may well be longer.
 */
const runMsPerInstance = 0.25;

/** More copies of the weights than this are made only on request. */
const mostInstances = 8;

/** Processes × threads stay within the cores unless the model's settings say otherwise. */
export function planInstances(config: ModelConfig, { cores, singleRunMs }: InstanceFacts): InstancePlan {
  const threads = Math.max(1, Math.min(config.threads ?? 1, cores));
  if (config.instances !== undefined) return { instances: config.instances, threads };
  const worthwhile = Math.max(1, Math.ceil((singleRunMs ?? 0) / runMsPerInstance));
  const room = Math.max(1, Math.floor(cores / threads));
  return { instances: Math.min(worthwhile, room, mostInstances), threads };
}
