import type { InferenceEngine, InstanceGroup } from '../core/inference-engine.js';
import type { Batching } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { FoundVersion, PreparedModel, PrepareModel } from '../core/model-source.js';
import type { ServingError } from '../core/serving-error.js';
import { fanOut, type ServingObserver } from '../core/serving-observer.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { BatchScheduler } from '../scheduling/batch-scheduler.js';
import { CostCurve } from '../scheduling/cost-curve.js';
import type { MemoryBudget } from '../scheduling/memory-budget.js';
import { shapeKeyOf } from '../scheduling/shape-key.js';
import { capacity } from './capacity.js';
import { withDefaultInputs } from './default-inputs.js';
import { loadGroup } from './load-group.js';
import { measureCosts } from './measure-costs.js';
import { none, plannedBatching } from './plan-batching.js';
import { planInstances } from './plan-instances.js';
import { planMemory } from './plan-memory.js';
import { type SampleRecipe, sampleInputs } from './sample-inputs.js';
import { Servable } from './servable.js';
import { StatisticsRecorder } from './servable-statistics.js';
import { type TrialFailure, type TrialOutcome, tryOut } from './trial.js';

export interface ServableLoaderOptions {
  readonly engine: InferenceEngine;
  readonly prepare: PrepareModel;
  readonly observer: Required<ServingObserver>;
  readonly budget: MemoryBudget;
  readonly cores: number;
  /** What a model's own settings leave open. */
  readonly defaults: { readonly maxQueueRows: number; readonly maxQueueDelayMs: number; readonly runTimeoutMs: number };
}

/** Trial runs on made-up inputs are cut off earlier than requests are. */
const trialTimeoutMs = 10_000;
const measureBudgetMs = 60;
/** A server that computed something this lately has callers, whom loading must not hold up. */
const busyForMs = 10_000;

/** Takes a version from its file to a servable: prepare, load in a fresh process, try out, measure. */
export class ServableLoader {
  readonly #options: ServableLoaderOptions;
  /** When a request to anything that this loaded was last computed. */
  #lastRunAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ServableLoaderOptions) {
    this.#options = options;
  }

  /**
   * Rejects with a ServingError that says why the version cannot serve; nothing is left behind then. `onFailed` is
   * called if the engine gives the loaded version up later.
   */
  async load(found: FoundVersion, config: ModelConfig, onFailed: (reason: ServingError) => void): Promise<Servable> {
    const startedAtMs = performance.now();
    const prepared = await this.#options.prepare(found.modelPath, config);
    // Beside the loading, which takes longer. What serves must be able to start again, whatever becomes of the file.
    const kept = prepared.keep();
    kept.catch(() => {});
    try {
      const servable = await this.#start(found, config, prepared, onFailed);
      await kept.catch(async (error: unknown) => {
        await servable.end();
        throw error;
      });
      this.#options.observer.versionLoaded({ id: found.id, durationMs: performance.now() - startedAtMs });
      return servable;
    } catch (error) {
      await prepared.dispose();
      throw error;
    }
  }

  async #start(
    found: FoundVersion,
    config: ModelConfig,
    prepared: PreparedModel,
    onFailed: (reason: ServingError) => void,
  ): Promise<Servable> {
    const { engine, cores } = this.#options;
    const { threads } = planInstances(config, { cores, singleRunMs: undefined });
    const loaded = await loadGroup(engine, {
      id: found.id,
      files: () => prepared.files(),
      instances: 1,
      threads,
      spares: config.spares ?? 0,
      yields: performance.now() - this.#lastRunAtMs < busyForMs,
      ...planMemory(config, prepared.sizeBytes),
    });
    const group = withDefaultInputs(loaded, prepared.signature);
    try {
      const curve = new CostCurve();
      const { batching, recipe, refusal } = await this.#warmUp(group, prepared, config, curve);
      // A model that ended its process at every trial may have been given up by now.
      await capacity(group);
      const { instances } = planInstances(config, { cores, singleRunMs: curve.points()[0]?.ms });
      // An explicit number is waited for; the found-out one grows while the first instance serves.
      const grown = instances > 1 ? group.resize(instances) : Promise.resolve();
      if (config.instances !== undefined) await grown;
      else grown.catch(() => {});
      const sample = sampleOf(prepared.signature, batching, recipe);
      return this.#assemble(found, config, { prepared, group, curve, batching, sample, refusal, onFailed });
    } catch (error) {
      await group.close();
      throw error;
    }
  }

  async #warmUp(
    group: InstanceGroup,
    prepared: PreparedModel,
    config: ModelConfig,
    curve: CostCurve,
  ): Promise<TrialOutcome> {
    const { signature } = prepared;
    const runTimeoutMs = Math.min(trialTimeoutMs, config.runTimeoutMs ?? this.#options.defaults.runTimeoutMs);
    const { unbatchable } = prepared;
    const planned = unbatchable === undefined ? plannedBatching(signature, config) : none(unbatchable);
    const outcome = await tryOut({ group, signature, planned, trusted: config.batching === 'on', runTimeoutMs });
    const { batching, recipe } = outcome;
    if (recipe !== undefined) {
      const measuring = { group, signature, batching, recipe, runTimeoutMs, budgetMs: measureBudgetMs };
      // Larger batches than the proof's may be too much for the model; what was measured until then stands.
      await measureCosts(measuring, curve).catch(() => {});
    }
    return outcome;
  }

  #assemble(
    { id }: FoundVersion,
    config: ModelConfig,
    parts: {
      prepared: PreparedModel;
      group: InstanceGroup;
      curve: CostCurve;
      batching: Batching;
      sample: readonly NamedTensor[];
      refusal: TrialFailure | undefined;
      onFailed: (reason: ServingError) => void;
    },
  ): Servable {
    const { prepared, group, curve, batching, sample, refusal, onFailed } = parts;
    const { budget, defaults, observer } = this.#options;
    const statistics = new StatisticsRecorder();
    const scheduler = new BatchScheduler({
      id,
      group,
      batching,
      policy: {
        maxDelayMs: config.maxQueueDelayMs ?? defaults.maxQueueDelayMs,
        preferredSizes: config.preferredBatchSizes ?? [],
        allowedSizes: batching.kind === 'dynamic' ? (config.allowedBatchSizes ?? []) : [],
      },
      latencyTargetMs: config.latencyTargetMs,
      curve,
      maxQueueRows: config.maxQueueRows ?? defaults.maxQueueRows,
      budget,
      shapeKey: shapeKeyOf(prepared.signature),
      runTimeoutMs: config.runTimeoutMs ?? defaults.runTimeoutMs,
      observer: fanOut([observer, statistics, { batchFinished: () => this.#noteRun() }]),
      onFailed,
    });
    return new Servable({ id, prepared, group, scheduler, curve, statistics, sample, refusal });
  }

  #noteRun(): void {
    this.#lastRunAtMs = performance.now();
  }
}

function sampleOf(
  signature: ModelSignature,
  batching: Batching,
  recipe: SampleRecipe | undefined,
): readonly NamedTensor[] {
  return recipe === undefined ? [] : sampleInputs(signature, recipe, { rows: 1, batched: batching.kind !== 'none' });
}
