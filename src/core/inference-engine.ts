import type { DataType } from './data-type.js';
import type { EngineFiles } from './engine-files.js';
import type { ModelVersionId } from './model.js';
import type { ServingError } from './serving-error.js';
import type { NamedTensor, TensorData } from './tensor.js';

/** Several tensors laid end to end along axis 0, not yet copied together. */
export interface BatchInput {
  readonly name: string;
  readonly dataType: DataType;
  /** Shape of the whole; the lengths of `parts` add up to its product. */
  readonly shape: readonly number[];
  readonly parts: readonly TensorData[];
}

export interface Batch {
  readonly inputs: readonly BatchInput[];
  /** Names of the outputs to compute. */
  readonly outputs: readonly string[];
}

export interface BatchResult {
  readonly outputs: readonly NamedTensor[];
  readonly computeMs: number;
}

export interface RunOptions {
  /** The process is killed and the run fails with RUN_TIMEOUT or STALLED after this long. */
  readonly timeoutMs?: number;
  /** Sooner, after this long, unless the process then waits for a processor that others have. Default: `timeoutMs`. */
  readonly overdueAfterMs?: number;
  /** Runs only on an instance that holds no other batch, and none joins it: a suspect must not harm a neighbour. */
  readonly exclusive?: boolean;
}

/**
 * The loaded sessions of one model version. The scheduler offers batches; nothing queues here.
 * Owner: the servable, which calls `close` exactly once.
 */
export interface InstanceGroup {
  /** Input and output names as the engine reports them after loading. */
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Starts the batch at once on a free instance, or returns undefined when none is free.
   * Rejects with ServingError when the model rejects the data, with ProcessFailure when its process ended.
   */
  tryRun(batch: Batch, options?: RunOptions): Promise<BatchResult> | undefined;
  /** Whether `tryRun` (not exclusive) would start a batch now. */
  readonly hasCapacity: boolean;
  /** Loaded instances that hold no batch now. */
  readonly idleInstances: number;
  /** Called, on a tick of its own, whenever `tryRun` may succeed again. One listener. */
  onCapacity(listener: () => void): void;
  /** Called once when the group gives up restarting, or has given up: no run will succeed any more. */
  onFailed(listener: (reason: ServingError) => void): void;
  /** Instances that are loaded and alive now. */
  readonly instanceCount: number;
  /** Adds or removes instances until there are `count`; resolves when they are loaded. */
  resize(count: number): Promise<void>;
  /** Ends the processes. Runs in flight fail with ProcessFailure CLOSED, and so does whatever is run afterwards. */
  close(): Promise<void>;
}

export interface LoadRequest {
  readonly id: ModelVersionId;
  /** Asked for at every start of an engine process. */
  readonly files: () => EngineFiles;
  readonly instances: number;
  /** Threads inside one operator, per instance; more than the cores at hand are not used. */
  readonly threads: number;
  /** Instances kept loaded beyond `instances`, each taking over at once where one dies. Default 0. */
  readonly spares?: number;
  /** Memory (heap and anonymous mappings) one engine process may have, held by the operating system. */
  readonly memoryLimitBytes?: number;
  /** May live in one process with other small models once there are many processes; `memoryLimitBytes` is not kept there. */
  readonly shareable?: boolean;
  /** Whether the engine optimizes the graph. Default true. */
  readonly isOptimized?: boolean;
  /** Loads at a lower priority than what serves. */
  readonly yields?: boolean;
}

/** Computes batches. Implemented over engine processes; tests use a puppet. */
export interface InferenceEngine {
  /** Rejects with a ServingError whose message says why the file cannot be loaded. */
  load(request: LoadRequest, signal?: AbortSignal): Promise<InstanceGroup>;
  /** Ends every process; nothing can be loaded afterwards. */
  close(): Promise<void>;
}
