import type { InferenceEngine, InstanceGroup } from '../core/inference-engine.js';
import type { RunCost } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { FoundVersion, PreparedModel, PrepareModel } from '../core/model-source.js';
import { ProcessFailure } from '../core/process-failure.js';
import type { Servable } from '../core/servable.js';
import { ServingError } from '../core/serving-error.js';
import { fanOut, type ServingEmitter, type ServingObserver } from '../core/serving-observer.js';
import type { VersionCheck } from '../core/version-check.js';
import { BatchScheduler } from '../scheduling/batch-scheduler.js';
import { CostCurve } from '../scheduling/cost-curve.js';
import type { MemoryBudget } from '../scheduling/open-requests.js';
import { shapeKeyOf } from '../scheduling/request-queue.js';
import { BatchedEngine } from './batched-engine.js';
import { layBatchLayers, layRequestLayers, type RequestLayer } from './layers.js';
import { Limiter } from './limiter.js';
import { loadGroup, rescue } from './load-group.js';
import { planInstances, planMemory } from './plan-resources.js';
import { BackgroundProof } from './proof/background-proof.js';
import { type FirstFindings, firstFindings, sampleOf } from './proof/first-findings.js';
import { capacity, runsOn } from './proof/run-inputs.js';
import { sameValues } from './proof/same-values.js';
import { type LastRun, ServedVersion, StatisticsRecorder } from './served-version.js';
import { tokenLimitOf } from './task/task-layer.js';

export interface ServableLoaderOptions {
  readonly engine: InferenceEngine;
  readonly prepare: PrepareModel;
  readonly observer: ServingEmitter;
  readonly budget: MemoryBudget;
  readonly cores: number;
  /** From the innermost to the outermost; each version gets those that it needs. Default: none. */
  readonly layers?: readonly RequestLayer[];
  /** Asked before a version is given out. Default: none. */
  readonly check?: VersionCheck;
  /** What a model's own settings leave open. */
  readonly defaults: {
    readonly maxQueueRows: number;
    readonly maxQueueDelayMs: number;
    readonly runTimeoutMs: number;
    readonly verifyBatches: boolean;
    /** A response of more bytes is rejected. Default: none is. */
    readonly responseLimitBytes?: number;
  };
}

/** What there is of a version before it is assembled. */
interface LoadedParts {
  readonly prepared: PreparedModel;
  readonly group: InstanceGroup;
  readonly first: FirstFindings;
  readonly onFailed: (reason: ServingError) => void;
}

/** Trial runs on made-up inputs are cut off earlier than requests are. */
const trialTimeoutMs = 10_000;
/** Each keeps made-up rows and their answers, and takes processor time from other models. */
const proofsAtOnce = 2;
/** A server that computed something this lately has callers, whom loading must not hold up. */
const busyForMs = 10_000;

/** Takes a version from its file to a servable: prepare, load in a fresh process, try out, measure. */
export class ServableLoader {
  readonly #options: ServableLoaderOptions;
  readonly #proofs = new Limiter(proofsAtOnce);
  /** Of anything that this loaded. */
  readonly #lastRun: LastRun = { atMs: Number.NEGATIVE_INFINITY };

  constructor(options: ServableLoaderOptions) {
    this.#options = options;
  }

  /**
   * Rejects with a ServingError that says why the version cannot serve; nothing is left behind then. `onFailed` is
   * called if the engine gives the loaded version up later.
   */
  async load(
    found: FoundVersion,
    config: ModelConfig,
    onFailed: (reason: ServingError) => void,
  ): Promise<ServedVersion> {
    const startedAtMs = performance.now();
    const prepared = await this.#options.prepare(found.modelPath, config);
    // Beside the loading, which takes longer. What serves must be able to start again, whatever becomes of the file.
    const pinned = prepared.pin();
    pinned.catch(() => {});
    try {
      const version = await this.#start(found, config, prepared, onFailed);
      await pinned.catch(async (error: unknown) => {
        await version.close();
        throw error;
      });
      this.#options.observer.versionLoaded({ id: found.id, durationMs: performance.now() - startedAtMs });
      return version;
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
  ): Promise<ServedVersion> {
    const { engine, cores } = this.#options;
    const { threads } = planInstances(config, { cores, singleRunMs: undefined });
    const { group: loaded, crash } = await loadGroup(engine, {
      id: found.id,
      files: () => prepared.files(),
      instances: 1,
      threads,
      spares: config.spares ?? 0,
      yields: performance.now() - this.#lastRun.atMs < busyForMs,
      ...planMemory(config, prepared.sizeBytes),
    });
    const group = layBatchLayers(loaded, prepared);
    try {
      const run = runsOn(group, prepared.signature, this.#trialTimeoutMs(config));
      const first = await firstFindings(run, prepared, { config, responseLimitBytes: this.#responseLimitBytes });
      if (crash !== undefined && first.trialFailure instanceof ProcessFailure) throw rescue.failure(crash);
      // A model that ended its process at every trial may have been given up by now.
      await capacity(group);
      // An explicit number is waited for; the found-out one grows while the first instance serves.
      if (config.instances !== undefined && config.instances > 1) await group.resize(config.instances);
      const served =
        crash === undefined ? prepared : { ...prepared, rewrites: [...prepared.rewrites, rescue.note(crash)] };
      return await this.#checked(found, config, { prepared: served, group, first, onFailed });
    } catch (error) {
      await group.close();
      throw error instanceof ProcessFailure && error.cause instanceof ServingError ? error.cause : error;
    }
  }

  /** The assembled version, once it may serve. Batches before that are nobody's requests: they are not counted. */
  async #checked(found: FoundVersion, config: ModelConfig, parts: LoadedParts): Promise<ServedVersion> {
    const { check, defaults, observer } = this.#options;
    const statistics = new StatisticsRecorder(this.#lastRun);
    const observers: ServingObserver[] = [{ batchingStopped: observer.batchingStopped }];
    const assembled = { ...parts, statistics, observer: fanOut(observers) };
    const { version, servable } = await this.#assemble(found, config, assembled);
    version.engine.startProof();
    if (check !== undefined) {
      const maxQueueRows = config.maxQueueRows ?? defaults.maxQueueRows;
      const loaded = { found, config, servable, maxQueueRows, proven: () => version.engine.proven() };
      await check(loaded).catch(async (error: unknown) => {
        await version.close();
        throw error;
      });
    }
    observers.splice(0, 1, observer, statistics);
    return version;
  }

  #trialTimeoutMs(config: ModelConfig): number {
    return Math.min(trialTimeoutMs, config.runTimeoutMs ?? this.#options.defaults.runTimeoutMs);
  }

  async #assemble(
    { id }: FoundVersion,
    config: ModelConfig,
    parts: LoadedParts & { readonly statistics: StatisticsRecorder; readonly observer: ServingEmitter },
  ): Promise<{ readonly version: ServedVersion; readonly servable: Servable }> {
    const { prepared, group, first, onFailed, statistics, observer } = parts;
    const { signature } = prepared;
    const { batching, recipe, trialFailure } = first;
    const curve = new CostCurve();
    const tokens = tokenLimitOf(prepared);
    const { budget, defaults } = this.#options;
    const scheduler = new BatchScheduler({
      id,
      group,
      batching,
      policy: {
        maxDelayMs: config.maxQueueDelayMs ?? defaults.maxQueueDelayMs,
        preferredSizes: config.preferredBatchSizes ?? [],
        allowedSizes: config.allowedBatchSizes ?? [],
      },
      latencyTargetMs: config.latencyTargetMs,
      curve,
      tokens,
      maxQueueRows: config.maxQueueRows ?? defaults.maxQueueRows,
      budget,
      shapeKey: shapeKeyOf(signature),
      runTimeoutMs: config.runTimeoutMs ?? defaults.runTimeoutMs,
      learnsRunTimeout: config.runTimeoutMs === undefined,
      observer,
      onFailed,
      // Who says that rows are independent is believed.
      agree: defaults.verifyBatches && config.batching !== 'on' ? sameValues : undefined,
    });
    const makeSample = () => sampleOf(signature, scheduler.sizing.batching, recipe);
    const proof = new BackgroundProof({
      scheduler,
      group,
      signature,
      first,
      curve,
      tokens,
      runTimeoutMs: this.#trialTimeoutMs(config),
      responseLimitBytes: this.#responseLimitBytes,
      limiter: this.#proofs,
      instancesFor: (singleRunMs) => planInstances(config, { cores: this.#options.cores, singleRunMs }).instances,
    });
    const costs = (): readonly RunCost[] =>
      tokens === undefined ? curve.points() : curve.points().map(({ rows, ms }) => ({ tokens: rows, ms }));
    const engine = new BatchedEngine({ prepared, group, scheduler, costs, proof, makeSample, trialFailure });
    const servable = await layRequestLayers(engine, this.#options.layers ?? [], { id, config, prepared });
    const { threads } = planInstances(config, { cores: this.#options.cores, singleRunMs: undefined });
    return { version: new ServedVersion({ id, servable, engine, statistics, threads }), servable };
  }

  get #responseLimitBytes(): number {
    return this.#options.defaults.responseLimitBytes ?? Number.POSITIVE_INFINITY;
  }
}
