import type { Batching, ServableDescription } from '../core/model.js';
import { defaultModelConfig } from '../core/model-config.js';
import type { ServingError } from '../core/serving-error.js';
import { fanOut } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { ProcessEngine } from '../engine/process-engine.js';
import { prepareModel } from '../onnx/prepare-model.js';
import { MemoryBudget } from '../scheduling/memory-budget.js';
import type { Servable } from '../serving/servable.js';
import { ServableLoader } from '../serving/servable-loader.js';

export interface TryServingOptions {
  /** Under which the model would be served. */
  readonly name: string;
  /** Where a rewritten copy may lie meanwhile. */
  readonly cacheDirectory: string;
  readonly cores: number;
}

/** How a model file is served by this machine, as found out by doing it. */
export interface ServingTrial {
  readonly name: string;
  readonly signature: ServableDescription['signature'];
  readonly batching: Batching;
  /** Rows one run takes at most. */
  readonly maxBatchRows: number;
  readonly instances: number;
  readonly costs: NonNullable<ServableDescription['costs']>;
  /** Made-up inputs that the model took; empty when it took none. */
  readonly sample: readonly NamedTensor[];
}

const limits = { maxQueueRows: 1, maxQueueDelayMs: 0, runTimeoutMs: 60_000 } as const;
const loadTimeoutMs = 120_000;

/** Loads the file in an engine process, tries it out and ends the process. Rejects with a ServingError. */
export async function tryServing(path: string, options: TryServingOptions): Promise<ServingTrial> {
  const { name, cacheDirectory, cores } = options;
  const observer = fanOut([]);
  const engine = new ProcessEngine({ observer, telemetry: false, loadTimeoutMs, cores });
  const loader = new ServableLoader({
    engine,
    prepare: (modelPath) => prepareModel(modelPath, { cacheDirectory }),
    observer,
    budget: new MemoryBudget(Number.POSITIVE_INFINITY),
    cores,
    defaults: limits,
  });
  let failure: ServingError | undefined;
  let servable: Servable | undefined;
  try {
    const found = { id: { name, version: 1 }, modelPath: path, fingerprint: '' };
    servable = await loader.load(found, defaultModelConfig, (reason) => {
      failure = reason;
    });
    if (failure !== undefined) throw failure;
    const { signature, batching, maxBatchRows, instances, costs, sample } = servable;
    return { name, signature, batching, maxBatchRows, instances, costs, sample };
  } finally {
    await servable?.end();
    await engine.close();
  }
}
