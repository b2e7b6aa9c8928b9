import type { InferenceEngine } from '../core/inference-engine.js';
import type { Batching, ServableDescription } from '../core/model.js';
import { defaultModelConfig, type ModelConfig } from '../core/model-config.js';
import { ServingError } from '../core/serving-error.js';
import { fanOut } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import { ProcessEngine } from '../engine/process-engine.js';
import { prepareModel } from '../onnx/prepare-model.js';
import { MemoryBudget } from '../scheduling/memory-budget.js';
import { withClassLabels } from '../serving/class-labels.js';
import { planInstances } from '../serving/plan-instances.js';
import type { Servable } from '../serving/servable.js';
import { ServableLoader } from '../serving/servable-loader.js';
import type { TrialFailure } from '../serving/trial.js';

export interface TryServingOptions {
  /** Under which the model would be served. */
  readonly name: string;
  /** Default 1. */
  readonly version?: number;
  /** Its `model.json`. */
  readonly config?: ModelConfig;
  /** Where a rewritten copy may lie meanwhile. */
  readonly cacheDirectory: string;
  readonly cores: number;
  /** For all of it: to load the model, to run it, to measure it. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a model file is served by this machine, as found out by doing it. */
export interface ServingTrial {
  readonly name: string;
  readonly signature: ServableDescription['signature'];
  readonly batching: Batching;
  /** Rows one run takes at most. */
  readonly maxBatchRows: number;
  /** Engine processes the server would start for it here. */
  readonly instances: number;
  /** Resident memory of one of them, after the runs that were tried. */
  readonly engineBytes: number;
  readonly costs: NonNullable<ServableDescription['costs']>;
  /** Made-up inputs that the model took; empty when it took none. */
  readonly sample: readonly NamedTensor[];
  /** What the plainest of them failed with, when it took none. */
  readonly refusal: TrialFailure | undefined;
}

const limits = { maxQueueRows: 1024, maxQueueDelayMs: 0, runTimeoutMs: 10_000 } as const;
const defaultTimeoutMs = 120_000;

/**
 * Loads the file in an engine process, tries it out and ends the process, whatever happens. Rejects with a
 * ServingError: DEADLINE_EXCEEDED when the time is up, CANCELED after `signal`, else why the model does not serve.
 */
export async function tryServing(path: string, options: TryServingOptions): Promise<ServingTrial> {
  const { cores, timeoutMs = defaultTimeoutMs, signal } = options;
  const engine = new ProcessEngine({ observer: fanOut([]), telemetry: false, loadTimeoutMs: timeoutMs, cores });
  const stopping = new AbortController();
  const timer = setTimeout(() => stopping.abort(timeIsUp(timeoutMs)), timeoutMs);
  const cancel = (): void => stopping.abort(new ServingError('CANCELED', 'the trial was stopped'));
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    // Whatever the trial waits for when it is stopped, its processes end with the engine.
    return await Promise.race([tryOn(engine, path, options, stopping.signal), aborted(stopping.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    stopping.abort();
    await engine.close();
  }
}

const timeIsUp = (timeoutMs: number): ServingError =>
  new ServingError('DEADLINE_EXCEEDED', `the model did not load and answer within ${timeoutMs / 1000} s`);

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

async function tryOn(
  engine: ProcessEngine,
  path: string,
  { name, version = 1, config = defaultModelConfig, cacheDirectory, cores }: TryServingOptions,
  signal: AbortSignal,
): Promise<ServingTrial> {
  const stoppable: InferenceEngine = {
    load: (request) => engine.load(request, signal),
    close: () => engine.close(),
  };
  const loader = new ServableLoader({
    engine: stoppable,
    prepare: async (modelPath) =>
      withClassLabels(await prepareModel(modelPath, { cacheDirectory }), config.classLabels),
    observer: fanOut([]),
    budget: new MemoryBudget(Number.POSITIVE_INFINITY),
    cores,
    defaults: limits,
  });
  let failure: ServingError | undefined;
  const found = { id: { name, version }, modelPath: path, fingerprint: '' };
  // One process tells what several would.
  const servable = await loader.load(found, { ...config, instances: 1, spares: 0 }, (reason) => {
    failure = reason;
  });
  try {
    if (failure !== undefined) throw failure;
    return { name, ...factsOf(servable, config, cores), engineBytes: sumOf(engine) };
  } finally {
    await servable.end();
  }
}

function factsOf(
  { signature, batching, maxBatchRows, costs, sample, refusal }: Servable,
  config: ModelConfig,
  cores: number,
) {
  const { instances } = planInstances(config, { cores, singleRunMs: costs[0]?.ms });
  return { signature, batching, maxBatchRows, instances, costs, sample, refusal };
}

const sumOf = (engine: ProcessEngine): number =>
  [...engine.processes()].reduce((sum, { residentBytes }) => sum + residentBytes, 0);
