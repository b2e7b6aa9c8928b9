import type { Batching, ServableDescription } from '../core/model.js';
import { defaultModelConfig, type ModelConfig } from '../core/model-config.js';
import type { TaskFacts } from '../core/task.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ProcessEngine } from '../engine/process-engine.js';
import { planInstances } from '../serving/plan-resources.js';
import type { TrialFailure } from '../serving/proof/first-run.js';
import type { ServedVersion } from '../serving/served-version.js';
import { type LoadOptions, withLoadedVersion } from './with-loaded-version.js';

export interface TryServingOptions extends Omit<LoadOptions, 'config'> {
  /** Under which the model would be served. */
  readonly name: string;
  /** Default 1. */
  readonly version?: number;
  /** Its `model.json`. */
  readonly config?: ModelConfig;
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
  /** What its files say that it does; undefined where they say nothing. */
  readonly task: TaskFacts | undefined;
  /** What the plainest of them failed with, when it took none. */
  readonly trialFailure: TrialFailure | undefined;
}

/** Loads the file, tries it out and ends its process. Rejects as `withLoadedVersion` does. */
export async function tryServing(path: string, options: TryServingOptions): Promise<ServingTrial> {
  const { name, version = 1, config = defaultModelConfig, cores } = options;
  const found = { id: { name, version }, modelPath: path, fingerprint: '' };
  return withLoadedVersion(found, { ...options, config }, async (served, engine) => {
    await served.engine.proven();
    return { name, ...factsOf(served, config, cores), engineBytes: sumOf(engine) };
  });
}

function factsOf(
  { description: { task }, engine: { description, sizing, trialFailure } }: ServedVersion,
  config: ModelConfig,
  cores: number,
) {
  const { signature, costs = [], sample = [] } = description;
  const { instances } = planInstances(config, { cores, singleRunMs: costs[0]?.ms });
  const { batching, maxRows: maxBatchRows } = sizing;
  return { signature, batching, maxBatchRows, instances, costs, sample, task, trialFailure };
}

const sumOf = (engine: ProcessEngine): number =>
  [...engine.processes()].reduce((sum, { residentBytes }) => sum + residentBytes, 0);
