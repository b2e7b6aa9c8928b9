import type { ModelConfig } from '../core/model-config.js';

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
