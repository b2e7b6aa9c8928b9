import type { InstanceGroup } from '../../core/inference-engine.js';
import type { Batching } from '../../core/model.js';
import { ProcessFailure } from '../../core/process-failure.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { asBatch } from '../../scheduling/batch-run.js';
import type { BatchScheduler } from '../../scheduling/batch-scheduler.js';
import type { CostCurve } from '../../scheduling/cost-curve.js';
import type { TokenLimit } from '../../scheduling/token-limit.js';
import type { Limiter } from '../limiter.js';
import type { FirstFindings } from './first-findings.js';
import { plannedAxes } from './first-run.js';
import { measureCosts } from './measure-costs.js';
import { none } from './plan-batching.js';
import { proveBatching } from './prove-batching.js';
import { despiteKills, type RunInputs } from './run-inputs.js';
import { sampleInputs } from './sample-inputs.js';
import type { SampleRecipe } from './sample-shapes.js';

export interface BackgroundProofOptions {
  readonly scheduler: Pick<BatchScheduler, 'runIdle' | 'stopIdleRuns' | 'setBatching'>;
  readonly group: Pick<InstanceGroup, 'resize'>;
  readonly signature: ModelSignature;
  readonly first: FirstFindings;
  readonly curve: CostCurve;
  readonly tokens: TokenLimit | undefined;
  readonly runTimeoutMs: number;
  /** A response of more bytes is rejected. */
  readonly responseLimitBytes: number;
  /** Shared by all versions: so many proofs at a time. */
  readonly limiter: Limiter;
  /** Engine processes for a model whose smallest run takes so long. */
  readonly instancesFor: (singleRunMs: number | undefined) => number;
}

const measureBudgetMs = 60;
/** A run that is compared may take so long at any rate. */
const affordableRunMs = 100;
/** Made-up runs of one proof take no longer than this in the engine, all together. */
const longestProofMs = 60_000;

/** Finds out, while a version serves, how its requests may share runs and what they cost. Runs only when nobody waits. */
export class BackgroundProof {
  readonly #options: BackgroundProofOptions;
  #ended: Promise<void> = Promise.resolve();
  #spentMs = 0;

  constructor(options: BackgroundProofOptions) {
    this.#options = options;
  }

  /** Resolves when it is done, or was stopped. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  start(): void {
    this.#ended = this.#options.limiter.run(() => this.#prove());
  }

  stop(): void {
    this.#options.scheduler.stopIdleRuns();
  }

  async #prove(): Promise<void> {
    const { first, scheduler } = this.#options;
    try {
      const batching = await this.#find();
      if (first.isPending) scheduler.setBatching(batching);
    } catch (error) {
      if (error instanceof ProcessFailure && error.kind === 'CLOSED') return;
      const message = error instanceof Error ? error.message : String(error);
      if (first.isPending) scheduler.setBatching(this.#failed(message));
    }
  }

  async #find(): Promise<Batching> {
    const { signature, first, responseLimitBytes } = this.#options;
    const { planned, recipe, isPending, batching, rowFacts } = first;
    if (recipe === undefined) return batching;
    const measure = (measured: Batching): Promise<number> => this.#measure(measured, recipe);
    if (!isPending) {
      await measure(batching);
      return batching;
    }
    return proveBatching({ run: this.#run, signature, planned, recipe, measure, rowFacts, responseLimitBytes });
  }

  /**
   * How many rows are worth comparing: all that were worth measuring, and what else one run computes in no time, since a
   * coupling may begin late. Larger runs than the proof's may be too much for the model; what was measured stands.
   */
  async #measure(batching: Batching, recipe: SampleRecipe): Promise<number> {
    const { signature, curve, group, instancesFor, tokens } = this.#options;
    const axes = plannedAxes(batching.kind === 'none' ? this.#options.first.batching : batching, signature);
    const length = tokens === undefined ? 1 : tokens.tokensOf(sampleInputs(signature, recipe, { rows: 1, axes }));
    const measuring = { run: this.#run, signature, batching, axes, recipe, length, budgetMs: measureBudgetMs };
    await measureCosts(measuring, curve).catch((error: unknown) => {
      if (error instanceof ProcessFailure && error.kind === 'CLOSED') throw error;
    });
    const instances = instancesFor(curve.points()[0]?.ms);
    if (instances > 1) group.resize(instances).catch(() => {});
    const largest = curve.points().at(-1) ?? { rows: length, ms: Number.POSITIVE_INFINITY };
    const rows = largest.rows / length;
    return Math.max(Math.ceil(rows), Math.floor((affordableRunMs * rows) / largest.ms));
  }

  readonly #run: RunInputs = (inputs) => {
    const { signature, scheduler, runTimeoutMs } = this.#options;
    if (this.#spentMs > longestProofMs) throw new Error(`it was not done after ${longestProofMs / 1000} s of runs`);
    const batch = asBatch(
      inputs,
      signature.outputs.map(({ name }) => name),
    );
    return despiteKills(async () => {
      const result = await scheduler.runIdle(batch, runTimeoutMs);
      this.#spentMs += result.computeMs;
      return result;
    });
  };

  #failed(message: string): Batching {
    const { axes } = this.#options.first.batching;
    const { reason } = none(`whether its rows are independent could not be shown: ${message}`) as { reason: string };
    return { kind: 'none', reason, ...(axes !== undefined && { axes }) };
  }
}
