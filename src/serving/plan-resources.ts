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
 * A run of so many milliseconds keeps up with a worker, which reads and answers a request in a fraction of that; one that takes
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

const mebibyte = 2 ** 20;

/** Room for activations, the engine's own code and what it lays out anew from the weights. */
const baseBytes = 2048 * mebibyte;
/** The weights as they lie in the file, as the engine keeps them and as it rearranges them while loading. */
const bytesPerModelByte = 6;
/** Models up to this size may live in one process with others once there are many. */
const shareableBytes = 16 * mebibyte;

export interface MemoryPlan {
  /** What one engine process of the model may allocate, held by the operating system. */
  readonly memoryLimitBytes: number;
  readonly shareable: boolean;
}

/** `sizeBytes`: of the model file and its external data. A model with a limit of its own gets a process of its own. */
export function planMemory(config: ModelConfig, sizeBytes: number): MemoryPlan {
  return {
    memoryLimitBytes: config.memoryLimitBytes ?? baseBytes + bytesPerModelByte * sizeBytes,
    shareable: config.memoryLimitBytes === undefined && sizeBytes <= shareableBytes,
  };
}
