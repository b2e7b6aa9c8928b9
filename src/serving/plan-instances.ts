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

/** Runs from here on are worth a process on every core; shorter ones are handed over faster than they are computed. */
const heavyRunMs = 1;

/** More copies of the weights than this are made only on request. */
const mostInstances = 8;

/** Processes × threads stay within the cores unless the model's settings say otherwise. */
export function planInstances(config: ModelConfig, { cores, singleRunMs }: InstanceFacts): InstancePlan {
  const threads = Math.max(1, Math.min(config.threads ?? 1, cores));
  if (config.instances !== undefined) return { instances: config.instances, threads };
  const isHeavy = singleRunMs !== undefined && singleRunMs >= heavyRunMs;
  const room = Math.max(1, Math.floor(cores / threads));
  return { instances: isHeavy ? Math.min(room, mostInstances) : 1, threads };
}
