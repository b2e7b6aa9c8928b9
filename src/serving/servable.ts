import type { CompletionHandler, InferenceRequest, InferenceResponse } from '../core/inference.js';
import type { InstanceGroup } from '../core/inference-engine.js';
import type { ServableStatistics } from '../core/inference-service.js';
import type { Batching, ModelMetadata, ModelVersionId } from '../core/model.js';
import type { PreparedModel } from '../core/model-source.js';
import type { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import type { BatchScheduler } from '../scheduling/batch-scheduler.js';
import type { CostCurve } from '../scheduling/cost-curve.js';
import type { ScheduledRequest } from '../scheduling/scheduled-request.js';
import { RecordedInference } from './recorded-inference.js';
import type { StatisticsRecorder } from './servable-statistics.js';
import type { TrialFailure } from './trial.js';
import { type ServingContract, type ValidInputs, validateInputs } from './validate-inputs.js';

export interface ServableParts {
  readonly id: ModelVersionId;
  readonly prepared: PreparedModel;
  readonly group: InstanceGroup;
  readonly scheduler: BatchScheduler;
  readonly curve: CostCurve;
  readonly statistics: StatisticsRecorder;
  readonly sample: readonly NamedTensor[];
  readonly refusal: TrialFailure | undefined;
}

/** A loaded version that can infer. It ends once it is retired and its last lease was given back. */
export class Servable {
  readonly id: ModelVersionId;
  readonly signature: ModelSignature;
  readonly metadata: ModelMetadata;
  readonly rewrites: readonly string[];
  /** Made-up inputs of one row that the model took; empty when it took none. */
  readonly sample: readonly NamedTensor[];
  /** What the plainest of the made-up inputs failed with; undefined when the model took some. */
  readonly refusal: TrialFailure | undefined;
  readonly #parts: ServableParts;
  readonly #contract: ServingContract;
  #leases = 0;
  #onIdle: (() => void) | undefined;

  constructor(parts: ServableParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.signature = parts.prepared.signature;
    this.metadata = parts.prepared.metadata;
    this.rewrites = parts.prepared.rewrites;
    this.sample = parts.sample;
    this.refusal = parts.refusal;
    const allOutputs = this.signature.outputs.map((output) => output.name);
    this.#contract = {
      signature: this.signature,
      allOutputs,
      get batching() {
        return parts.scheduler.batching;
      },
    };
  }

  get batching(): Batching {
    return this.#parts.scheduler.batching;
  }

  get instances(): number {
    return this.#parts.group.instanceCount;
  }

  get queuedRows(): number {
    return this.#parts.scheduler.queuedRows;
  }

  get queuedRequests(): number {
    return this.#parts.scheduler.queuedRequests;
  }

  get openRequests(): number {
    return this.#parts.scheduler.openRequests;
  }

  /** Rows one run takes at most, as learned so far. */
  get maxBatchRows(): number {
    return this.#parts.scheduler.maxBatchRows;
  }

  /** Learned cost of a run by its rows. */
  get costs(): ReturnType<CostCurve['points']> {
    return this.#parts.curve.points();
  }

  statistics(): ServableStatistics {
    return this.#parts.statistics.snapshot(this.id);
  }

  /** Keeps the version loaded until as many leases were given back as were taken. */
  lease(): void {
    this.#leases++;
  }

  giveBack(): void {
    if (--this.#leases === 0) this.#onIdle?.();
  }

  /** What a request gets that no content of its would let in; it counts as failed. Undefined where requests are taken. */
  turnAway(): ServingError | undefined {
    const refusal = this.#parts.scheduler.refusal();
    if (refusal !== undefined) this.#parts.statistics.failed(0);
    return refusal;
  }

  /** Validates, queues, batches, runs. Fails with ServingError only. The caller holds a lease. */
  infer(request: InferenceRequest, handler: CompletionHandler<InferenceResponse>): void {
    const { scheduler, statistics } = this.#parts;
    const recorded = new RecordedInference(this.id, statistics, handler);
    let scheduled: ScheduledRequest;
    try {
      scheduled = scheduledRequest(request, validateInputs(request, this.#contract));
    } catch (error) {
      recorded.failed(error);
      return;
    }
    scheduler.enqueue(scheduled, recorded);
  }

  /** Waits for leases and requests, then ends the processes. Nobody may lease it any more when this is called. */
  async retire(): Promise<void> {
    if (this.#leases > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#parts.scheduler.drain();
    await this.end();
  }

  /** Ends the processes now; what still runs fails. */
  async end(): Promise<void> {
    await this.#parts.group.close();
    await this.#parts.prepared.dispose();
  }
}

const scheduledRequest = (
  { signal, deadlineMs, priority, caller }: InferenceRequest,
  { inputs, outputs, rows, mergeable }: ValidInputs,
): ScheduledRequest => ({ inputs, outputs, rows, mergeable, signal, deadlineMs, priority, caller });
