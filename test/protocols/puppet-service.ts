import type { InferenceRequest, InferenceResponse } from '../../src/core/inference.js';
import type {
  InferenceService,
  LoadOptions,
  ModelStatus,
  ServableHandle,
  ServableStatistics,
} from '../../src/core/inference-service.js';
import type { Batching, ModelSelector, ModelVersionStatus, ServableDescription } from '../../src/core/model.js';
import { defaultModelConfig, type ModelConfig } from '../../src/core/model-config.js';
import { nearestName } from '../../src/core/nearest-name.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor, Tensor } from '../../src/core/tensor.js';
import type { ModelSignature } from '../../src/core/tensor-spec.js';
import { plannedAxes } from '../../src/serving/proof/first-run.js';
import { sampleInputs, sampleRecipes } from '../../src/serving/proof/sample-inputs.js';
import { validateInputs } from '../../src/serving/validate-inputs.js';

type Compute = (inputs: ReadonlyMap<string, Tensor>) => NamedTensor[] | Promise<NamedTensor[]>;

export interface PuppetModel {
  readonly name: string;
  readonly version?: number;
  readonly labels?: readonly string[];
  readonly signature: ModelSignature;
  readonly batching?: Batching;
  readonly config?: Partial<ModelConfig>;
  /** Absent: the model is known and does not serve. */
  readonly compute?: Compute;
  readonly reason?: string;
  /** What every request is rejected with. */
  readonly rejection?: ServingError;
}

/** A service whose models are functions in the test. Requests are validated as the real one validates them. */
export class PuppetService implements InferenceService {
  ready = true;
  /** What reached the models, newest last. */
  readonly requests: InferenceRequest[] = [];
  readonly controlled: string[] = [];
  /** Leases not handed back yet. */
  leases = 0;
  readonly #models: readonly PuppetModel[];
  /** Of models that were asked: to describe one takes longer than to ask it. */
  readonly #descriptions = new Map<PuppetModel, ServableDescription>();

  constructor(models: readonly PuppetModel[]) {
    this.#models = models;
  }

  acquire(selector: ModelSelector): ServableHandle {
    const model = this.#find(selector);
    const { compute } = model;
    if (compute === undefined) {
      throw new ServingError('UNAVAILABLE', `Latest(${model.name}) does not serve now: ${model.reason}`, {
        retryAfterSeconds: 2.5,
      });
    }
    this.leases++;
    const description = this.#descriptions.get(model) ?? this.#describe(model);
    this.#descriptions.set(model, description);
    return {
      description,
      earlyRejection: () => model.rejection,
      infer: (request, handler) => {
        this.#infer(description, compute, request).then(
          (response) => handler.completed(response),
          (error) => handler.failed(error),
        );
      },
      [Symbol.dispose]: () => {
        this.leases--;
      },
    };
  }

  models(): readonly ModelStatus[] {
    const names = [...new Set(this.#models.map((model) => model.name))].sort();
    return names.map((name) => ({ name, versions: this.#versions(name) }));
  }

  status(selector: ModelSelector): ModelStatus {
    const { name } = this.#find(selector);
    return { name, versions: this.#versions(name) };
  }

  statistics(selector?: ModelSelector): readonly ServableStatistics[] {
    const models = selector === undefined ? this.#models : [this.#find(selector)];
    const total = { count: 2, totalMs: 0.5 };
    return models
      .filter((model) => model.compute !== undefined)
      .map((model) => ({
        id: idOf(model),
        lastInferenceAt: 1_700_000_000_000,
        rowCount: 5,
        batchCount: 2,
        success: total,
        failure: { count: 0, totalMs: 0 },
        queue: total,
        transfer: total,
        compute: total,
        batchSizes: [{ rows: 4, compute: total }],
      }));
  }

  async loadModel(name: string, { config }: LoadOptions = {}): Promise<void> {
    this.controlled.push(`load ${this.#find({ name }).name}${config === undefined ? '' : ` with ${config}`}`);
  }

  async unloadModel(name: string): Promise<void> {
    this.controlled.push(`unload ${this.#find({ name }).name}`);
  }

  async #infer(
    description: ServableDescription,
    compute: Compute,
    request: InferenceRequest,
  ): Promise<InferenceResponse> {
    const { id, signature, batching } = description;
    const allOutputs = signature.outputs.map((spec) => spec.name);
    const { outputs, rows } = validateInputs(request, { signature, batching, allOutputs });
    this.requests.push(request);
    const computed = await compute(request.inputs);
    return {
      id,
      outputs: outputs.map((name) => computed.find((tensor) => tensor.name === name) as NamedTensor),
      rows,
      batchRows: rows,
      timings: { queueMs: 0.1, batchMs: 0.25, computeMs: 0.2 },
    };
  }

  #find({ name, version, label }: ModelSelector): PuppetModel {
    const named = this.#models.filter((model) => model.name === name);
    const found = named
      .filter((model) => version === undefined || idOf(model).version === version)
      .filter((model) => label === undefined || model.labels?.includes(label))
      .at(-1);
    if (found !== undefined) return found;
    const hint = nearestName(
      name,
      this.#models.map((model) => model.name),
    );
    const asked = version === undefined ? `Latest(${name})` : `Specific(${name}, ${version})`;
    const other = hint === undefined ? 'no model has this name' : `did you mean "${hint}"?`;
    throw new ServingError('NOT_FOUND', `Servable not found for request: ${asked}; ${other}`, {
      missing: { selector: { name, ...(version !== undefined && { version }) }, hint: other },
    });
  }

  #versions(name: string): ModelVersionStatus[] {
    return this.#models
      .filter((model) => model.name === name)
      .map((model) => ({
        ...idOf(model),
        state: model.compute === undefined ? ('END' as const) : ('AVAILABLE' as const),
        labels: model.labels ?? [],
        ...(model.reason !== undefined && { reason: model.reason }),
      }))
      .reverse();
  }

  #describe(model: PuppetModel): ServableDescription {
    const versions = this.#models.filter(({ name, compute }) => name === model.name && compute !== undefined);
    const { signature, batching = { kind: 'dynamic', maxBatchSize: 16 } } = model;
    const [recipe] = sampleRecipes(signature);
    const sample = recipe ? sampleInputs(signature, recipe, { rows: 1, axes: plannedAxes(batching, signature) }) : [];
    return {
      id: idOf(model),
      signature,
      batching,
      sample,
      metadata: { producer: 'puppet 1' },
      labels: model.labels ?? [],
      versions: versions.map((other) => idOf(other).version),
      instances: 1,
      config: { ...defaultModelConfig, ...model.config },
      maxRequestRows: 4096,
      fileName: 'model.onnx',
      costs: [
        { rows: 1, ms: 0.012345 },
        { rows: 31.7, ms: 0.1 },
      ],
    };
  }
}

const idOf = ({ name, version }: PuppetModel) => ({ name, version: version ?? 1 });
