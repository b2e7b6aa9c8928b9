import type { CompletionHandler, InferenceRequest } from '../core/inference.js';
import type { InstanceGroup } from '../core/inference-engine.js';
import type { Batching, ModelMetadata, RunCost } from '../core/model.js';
import type { PreparedModel } from '../core/model-source.js';
import type { Inference, Servable, ServableFacts, ServableLoad } from '../core/servable.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import { asClientSignature, type ClientSignature } from '../core/tensor-spec.js';
import type { BatchScheduler } from '../scheduling/batch-scheduler.js';
import type { ScheduledRequest } from '../scheduling/scheduler.js';
import type { BackgroundProof } from './proof/background-proof.js';
import type { TrialFailure } from './proof/first-run.js';
import { type ServingContract, validateInputs } from './validate-inputs.js';

export interface BatchedEngineParts {
  readonly prepared: PreparedModel;
  readonly group: InstanceGroup;
  readonly scheduler: BatchScheduler;
  readonly costs: () => readonly RunCost[];
  readonly proof: BackgroundProof;
  /** Makes them anew: kept, large ones would take memory for as long as the version serves. */
  readonly makeSample: () => readonly NamedTensor[];
  readonly trialFailure: TrialFailure | undefined;
}

/** The innermost servable: holds requests against the signature, and gives them to the scheduler. */
export class BatchedEngine implements Servable {
  readonly description: ServableFacts;
  readonly load: ServableLoad;
  /** How requests may share runs; the description has the size that was learned in place of the largest. */
  readonly sizing: BatchScheduler['sizing'];
  /** What the plainest of the made-up inputs failed with; undefined when the model took some. */
  readonly trialFailure: TrialFailure | undefined;
  readonly #parts: BatchedEngineParts;
  #contract: ServingContract;

  constructor(parts: BatchedEngineParts) {
    this.#parts = parts;
    this.description = new Facts(parts);
    this.load = parts.scheduler.load;
    this.trialFailure = parts.trialFailure;
    this.sizing = parts.scheduler.sizing;
    const { signature } = parts.prepared;
    const allOutputs = signature.outputs.map((output) => output.name);
    this.#contract = { signature, allOutputs, batching: this.sizing.batching };
  }

  /** Begins to find out how requests may share runs, and what they cost, while it serves. */
  startProof(): void {
    this.#parts.proof.start();
  }

  /** Resolves when that is found out, or the version ends. */
  proven(): Promise<void> {
    return this.#parts.proof.ended;
  }

  /** Nobody is to wait for what is made up any more. */
  stopProof(): void {
    this.#parts.proof.stop();
  }

  infer(request: InferenceRequest, handler: CompletionHandler<Inference>): void {
    const { batching } = this.sizing;
    if (batching !== this.#contract.batching) this.#contract = { ...this.#contract, batching };
    let scheduled: ScheduledRequest;
    let listener = handler;
    try {
      const { inputs, outputs, rows, mergeable, separate, disagreement } = validateInputs(request, this.#contract);
      const { signal, deadlineMs, priority, caller, trace } = request;
      scheduled = { inputs, outputs, rows, mergeable, separate, signal, deadlineMs, priority, caller, trace };
      if (disagreement !== undefined) listener = explaining(disagreement, handler);
    } catch (error) {
      handler.failed(error);
      return;
    }
    this.#parts.scheduler.enqueue(scheduled, listener);
  }

  drain(): Promise<void> {
    this.stopProof();
    return this.#parts.scheduler.drain();
  }

  /** Resolves when its processes have ended. */
  async close(): Promise<void> {
    this.stopProof();
    await this.#parts.group.close();
    await this.#parts.prepared.dispose();
  }
}

/** Adds to what the engine rejects a request with what is odd about it, which mostly is why. */
const explaining = (oddity: string, handler: CompletionHandler<Inference>): CompletionHandler<Inference> => ({
  completed: (inference) => handler.completed(inference),
  failed: (error) => {
    const isRejected = error instanceof ServingError && error.code === 'INVALID_ARGUMENT';
    handler.failed(isRejected ? invalidArgument(`${error.message}; ${oddity}`) : error);
  },
});

class Facts implements ServableFacts {
  readonly signature: ClientSignature;
  readonly #parts: BatchedEngineParts;

  constructor(parts: BatchedEngineParts) {
    this.#parts = parts;
    this.signature = asClientSignature(parts.prepared.signature);
  }

  get batching(): Batching {
    return this.#parts.scheduler.sizing.learned;
  }

  get metadata(): ModelMetadata {
    return this.#parts.prepared.metadata;
  }

  get instances(): number {
    return this.#parts.group.instanceCount;
  }

  get rewrites(): readonly string[] {
    return this.#parts.prepared.rewrites;
  }

  get costs(): readonly RunCost[] {
    return this.#parts.costs();
  }

  get sample(): readonly NamedTensor[] {
    return this.#parts.makeSample();
  }
}
