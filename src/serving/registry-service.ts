import type { CompletionHandler, InferenceRequest, InferenceResponse } from '../core/inference.js';
import type { InferenceService, ModelStatus, ServableHandle, ServableStatistics } from '../core/inference-service.js';
import type { Batching, ModelMetadata, ModelSelector, ModelVersionId, ServableDescription } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import type { ModelEntry } from './model-entry.js';
import type { ModelManager } from './model-manager.js';
import { findModel, findVersion, selectServable } from './select-version.js';
import type { Servable } from './servable.js';

export interface RegistryServiceOptions {
  readonly manager: ModelManager;
  readonly readiness: 'some' | 'all';
}

/** The door to everything that is loaded. */
export class RegistryService implements InferenceService {
  readonly #manager: ModelManager;
  readonly #readiness: 'some' | 'all';
  readonly #descriptions = new WeakMap<Servable, Description>();
  /** Set once the first models have settled; what loads later does not take the server out of service. */
  #started = false;
  #draining = false;

  constructor({ manager, readiness }: RegistryServiceOptions) {
    this.#manager = manager;
    this.#readiness = readiness;
  }

  acquire(selector: ModelSelector): ServableHandle {
    const servable = selectServable(this.#manager.models, selector);
    let description = this.#descriptions.get(servable);
    if (description === undefined) {
      description = new Description(servable, findModel(this.#manager.models, selector));
      this.#descriptions.set(servable, description);
    }
    return new Handle(servable, description);
  }

  models(): readonly ModelStatus[] {
    return [...this.#manager.models.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => statusOf(entry));
  }

  status(selector: ModelSelector): ModelStatus {
    const entry = findModel(this.#manager.models, selector);
    const version = findVersion(entry, selector);
    const status = statusOf(entry);
    if (version === undefined) return status;
    return { ...status, versions: status.versions.filter((one) => one.version === version.version) };
  }

  statistics(selector?: ModelSelector): readonly ServableStatistics[] {
    if (selector !== undefined) {
      if (selector.version !== undefined || selector.label !== undefined) {
        return [selectServable(this.#manager.models, selector).statistics()];
      }
      selectServable(this.#manager.models, selector);
      return servablesOf(findModel(this.#manager.models, selector)).map((servable) => servable.statistics());
    }
    return this.servables().map((servable) => servable.statistics());
  }

  get ready(): boolean {
    if (this.#draining) return false;
    const entries = [...this.#manager.models.values()];
    const wanting = entries.filter((entry) => entry.wanted.length > 0 || entry.problem !== undefined);
    if (!this.#started) this.#started = this.#hasStarted(wanting);
    return this.#started && (wanting.length === 0 || wanting.some((entry) => entry.servingVersions().length > 0));
  }

  #hasStarted(entries: readonly ModelEntry[]): boolean {
    return this.#readiness === 'all'
      ? entries.every((entry) => entry.allWantedServe && entry.problem === undefined)
      : entries.every((entry) => entry.isSettled);
  }

  async loadModel(name: string): Promise<void> {
    // It may have been put there a moment ago.
    if (!this.#manager.models.has(name)) await this.#manager.lookAgain();
    const entry = findModel(this.#manager.models, { name });
    await this.#manager.load(entry);
    if (entry.allWantedServe && entry.wanted.length > 0) return;
    const reasons = entry.statuses().map(({ version, reason }) => reason && `version ${version}: ${reason}`);
    const why = [entry.problem, ...reasons].filter(Boolean).join('; ');
    throw new ServingError('INVALID_ARGUMENT', `failed to load "${name}": ${why || 'it has no version'}`);
  }

  async unloadModel(name: string): Promise<void> {
    await this.#manager.unload(findModel(this.#manager.models, { name }));
  }

  /** Gateways are told to send no more; what is taken is finished. */
  startDraining(): void {
    this.#draining = true;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Every version that serves now. */
  servables(): Servable[] {
    return [...this.#manager.models.values()].flatMap(servablesOf);
  }
}

const servablesOf = (entry: ModelEntry): Servable[] =>
  [...entry.versions.values()].flatMap(({ serving }) => (serving === undefined ? [] : [serving.servable]));

const statusOf = (entry: ModelEntry): ModelStatus => ({
  name: entry.name,
  versions: entry.statuses(),
  ...(entry.problem === undefined ? {} : { problem: entry.problem }),
});

class Handle implements ServableHandle {
  readonly description: ServableDescription;
  readonly #servable: Servable;
  #isHeld = true;

  constructor(servable: Servable, description: ServableDescription) {
    this.#servable = servable;
    this.description = description;
    servable.lease();
  }

  turnAway(): ServingError | undefined {
    return this.#servable.turnAway();
  }

  infer(request: InferenceRequest, handler: CompletionHandler<InferenceResponse>): void {
    this.#servable.infer(request, handler);
  }

  [Symbol.dispose](): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#servable.giveBack();
  }
}

/** Every fact is looked up when it is asked for: most requests ask for two of them. */
class Description implements ServableDescription {
  readonly #servable: Servable;
  readonly #entry: ModelEntry;

  constructor(servable: Servable, entry: ModelEntry) {
    this.#servable = servable;
    this.#entry = entry;
  }

  get id(): ModelVersionId {
    return this.#servable.id;
  }

  get signature(): ModelSignature {
    return this.#servable.signature;
  }

  /** With the size that was learned in place of the limit. */
  get batching(): Batching {
    const { batching, maxBatchRows } = this.#servable;
    return batching.kind === 'dynamic' ? { ...batching, maxBatchSize: maxBatchRows } : batching;
  }

  get metadata(): ModelMetadata {
    const { description } = this.#entry.config;
    return description === undefined ? this.#servable.metadata : { ...this.#servable.metadata, description };
  }

  get labels(): readonly string[] {
    return this.#entry.labelsOf(this.#servable.id.version);
  }

  get versions(): readonly number[] {
    return this.#entry.servingVersions();
  }

  get instances(): number {
    return this.#servable.instances;
  }

  get rewrites(): readonly string[] {
    return this.#servable.rewrites;
  }

  get costs(): NonNullable<ServableDescription['costs']> {
    return this.#servable.costs;
  }

  get sample(): readonly NamedTensor[] {
    return this.#servable.sample;
  }
}
