import type { InferenceEngine } from '../core/inference-engine.js';
import type { ModelConfig } from '../core/model-config.js';
import type { FoundVersion } from '../core/model-source.js';
import { ServingError } from '../core/serving-error.js';
import { fanOut } from '../core/serving-observer.js';
import type { VersionCheck } from '../core/version-check.js';
import { ProcessEngine } from '../engine/process-engine.js';
import { LazyPreparation } from '../preparation/lazy-preparation.js';
import { MemoryBudget } from '../scheduling/open-requests.js';
import { ServableLoader } from '../serving/servable-loader.js';
import type { ServedVersion } from '../serving/served-version.js';
import { taskLayer } from '../serving/task/task-layer.js';
import { prepareServedModel } from './prepare-served-model.js';

export interface LoadOptions {
  /** Its `model.json`. */
  readonly config: ModelConfig;
  /** Where a rewritten copy may lie meanwhile. */
  readonly cacheDirectory: string;
  readonly cores: number;
  /** For all of it: to load the model, and what is done with it then. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Asked as a server asks it before the version serves. Default: none. */
  readonly check?: VersionCheck;
}

const limits = { maxQueueRows: 1024, maxQueueDelayMs: 0, runTimeoutMs: 10_000, verifyBatches: false } as const;
const defaultTimeoutMs = 120_000;

/**
 * Loads a version in an engine process without a server, and ends the process whatever happens. Rejects with a ServingError:
 * DEADLINE_EXCEEDED when the time is up, CANCELED after `signal`, else why the version does not serve.
 */
export async function withLoadedVersion<Result>(
  found: FoundVersion,
  options: LoadOptions,
  use: (served: ServedVersion, engine: ProcessEngine) => Promise<Result>,
): Promise<Result> {
  const { cores, timeoutMs = defaultTimeoutMs, signal } = options;
  const engine = new ProcessEngine({ observer: fanOut([]), telemetry: false, loadTimeoutMs: timeoutMs, cores });
  const preparation = new LazyPreparation({
    cores,
    timeoutMs: limits.runTimeoutMs,
    maxWaiting: limits.maxQueueRows,
    observer: fanOut([]),
  });
  const stopping = new AbortController();
  const timer = setTimeout(() => stopping.abort(timeIsUp(timeoutMs)), timeoutMs);
  const cancel = (): void => stopping.abort(new ServingError('CANCELED', 'the trial was stopped'));
  if (signal?.aborted === true) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    // Whatever the trial waits for when it is stopped, its processes end with the engine.
    return await Promise.race([
      load({ engine, preparation }, found, options, stopping.signal, use),
      aborted(stopping.signal),
    ]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    stopping.abort();
    await Promise.all([engine.close(), preparation.close()]);
  }
}

const timeIsUp = (timeoutMs: number): ServingError =>
  new ServingError('DEADLINE_EXCEEDED', `the model did not load and answer within ${timeoutMs / 1000} s`);

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

async function load<Result>(
  { engine, preparation }: { readonly engine: ProcessEngine; readonly preparation: LazyPreparation },
  found: FoundVersion,
  { config, cacheDirectory, cores, check }: LoadOptions,
  signal: AbortSignal,
  use: (served: ServedVersion, engine: ProcessEngine) => Promise<Result>,
): Promise<Result> {
  const stoppable: InferenceEngine = {
    load: (request) => engine.load(request, signal),
    close: () => engine.close(),
  };
  const loader = new ServableLoader({
    engine: stoppable,
    prepare: (modelPath) => prepareServedModel(modelPath, config, { cacheDirectory }),
    observer: fanOut([]),
    budget: new MemoryBudget(Number.POSITIVE_INFINITY),
    cores,
    layers: [taskLayer(preparation)],
    defaults: limits,
    ...(check && { check }),
  });
  let failure: ServingError | undefined;
  // One process tells what several would.
  const served = await loader.load(found, { ...config, instances: 1, spares: 0 }, (reason) => {
    failure = reason;
  });
  try {
    const result = await use(served, engine);
    if (failure !== undefined) throw failure;
    return result;
  } finally {
    await served.close();
  }
}
