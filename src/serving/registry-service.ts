import type {
  InferenceService,
  LoadOptions,
  ModelStatus,
  ServableHandle,
  ServableStatistics,
} from '../core/inference-service.js';
import type {
  Batching,
  ModelMetadata,
  ModelSelector,
  ModelVersionId,
  ServableDescription,
  SignatureFacts,
} from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { ServableFacts } from '../core/servable.js';
import { ServingError } from '../core/serving-error.js';
import type { TaskFacts } from '../core/task.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ClientSignature } from '../core/tensor-spec.js';
import { ModelControl, type ModelControlOptions } from './model-control.js';
import type { ModelEntry, VersionEntry } from './model-entry.js';
import type { ModelManager } from './model-manager.js';
import { findModel, namedVersion, route } from './router.js';
import type { ServedVersion } from './served-version.js';

/** What cannot be scanned for now may be there again soon. */
const retryAfterSeconds = 1;

export interface RegistryServiceOptions extends ModelControlOptions {
  readonly readiness: 'some' | 'all';
  /** Whether a server without a model to serve is ready. Default false. */
  readonly readyWhenEmpty?: boolean;
  /** Rows that may wait for a model which does not say itself. */
  readonly maxQueueRows: number;
}

/** The door to everything that is loaded. */
export class RegistryService implements InferenceService {
  readonly #manager: ModelManager;
  readonly #readiness: 'some' | 'all';
  readonly #readyWhenEmpty: boolean;
  readonly #control: ModelControl;
  readonly #maxQueueRows: number;
  readonly #descriptions = new WeakMap<ServedVersion, ServedDescription>();
  /** Set once the first models serve or have failed; what loads later does not take the server out of service. */
  #started = false;
  #draining = false;

  constructor(options: RegistryServiceOptions) {
    const { manager, readiness, readyWhenEmpty = false, maxQueueRows } = options;
    this.#control = new ModelControl(options);
    this.#maxQueueRows = maxQueueRows;
    this.#manager = manager;
    this.#readiness = readiness;
    this.#readyWhenEmpty = readyWhenEmpty;
  }

  acquire(selector: ModelSelector): ServableHandle {
    const model = this.#manager.models.get(selector.name) ?? this.#unknown(selector);
    const { servable } = route(model, selector).serving as Serving;
    let description = this.#descriptions.get(servable);
    if (description === undefined) {
      description = new ServedDescription(servable, model, this.#maxQueueRows);
      this.#descriptions.set(servable, description);
    }
    return servable.lease(description);
  }

  /** What is not known while the folder is being read may lie in it. */
  #unknown(selector: ModelSelector): ModelEntry {
    if (!this.#manager.isOpening) return findModel(this.#manager.models, selector);
    const message = `the models folder is being read, '${selector.name}' may be in it; try again`;
    throw new ServingError('UNAVAILABLE', message, { retryAfterSeconds });
  }

  models(): readonly ModelStatus[] {
    return [...this.#manager.models.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => statusOf(entry));
  }

  status(selector: ModelSelector): ModelStatus {
    const entry = this.#manager.models.get(selector.name) ?? this.#unknown(selector);
    const version = namedVersion(entry, selector);
    const status = statusOf(entry);
    if (version === undefined) return status;
    return { ...status, versions: status.versions.filter((one) => one.version === version.version) };
  }

  statistics(selector?: ModelSelector): readonly ServableStatistics[] {
    if (selector !== undefined) {
      const model = this.#manager.models.get(selector.name) ?? this.#unknown(selector);
      const { servable: version } = route(model, selector).serving as Serving;
      const isNamed = selector.version !== undefined || selector.label !== undefined;
      return (isNamed ? [version] : servablesOf(model)).map((servable) => servable.statistics());
    }
    return this.servables().map((servable) => servable.statistics());
  }

  get ready(): boolean {
    if (this.#draining) return false;
    const entries = [...this.#manager.models.values()];
    const wanting = entries.filter((entry) => entry.wanted.length > 0 || entry.problem !== undefined);
    if (!this.#started) this.#started = this.#manager.hasSource && this.#hasStarted(wanting);
    if (!this.#started) return false;
    return (
      entries.some((entry) => entry.servingVersions().length > 0) || (this.#readyWhenEmpty && wanting.length === 0)
    );
  }

  #hasStarted(entries: readonly ModelEntry[]): boolean {
    return this.#readiness === 'all'
      ? entries.every((entry) => entry.allWantedServe && entry.problem === undefined)
      : entries.every((entry) => entry.isDecided);
  }

  loadModel(name: string, options?: LoadOptions): Promise<void> {
    return this.#control.load(name, options);
  }

  unloadModel(name: string): Promise<void> {
    return this.#control.unload(name);
  }

  /** Gateways are told to send no more; what is taken is finished. */
  startDraining(): void {
    this.#draining = true;
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** Every version that serves now. */
  servables(): ServedVersion[] {
    return [...this.#manager.models.values()].flatMap(servablesOf);
  }
}

/** Of a version that routing gave, which serves. */
type Serving = NonNullable<VersionEntry['serving']>;

const servablesOf = (entry: ModelEntry): ServedVersion[] =>
  [...entry.versions.values()].flatMap(({ serving }) => (serving === undefined ? [] : [serving.servable]));

const statusOf = (entry: ModelEntry): ModelStatus => ({
  name: entry.name,
  versions: entry.statuses(),
  ...(entry.problem === undefined ? {} : { problem: entry.problem }),
});

/** A served version and what is said of its model. Every fact is looked up when it is asked for: most requests ask for two. */
class ServedDescription implements ServableDescription {
  readonly id: ModelVersionId;
  readonly signature: ClientSignature;
  readonly #facts: ServableFacts;
  readonly #entry: ModelEntry;
  readonly #maxQueueRows: number;

  constructor({ id, description }: ServedVersion, entry: ModelEntry, maxQueueRows: number) {
    this.id = id;
    this.signature = description.signature;
    this.#facts = description;
    this.#entry = entry;
    this.#maxQueueRows = maxQueueRows;
  }

  get batching(): Batching {
    return this.#facts.batching;
  }

  get tensors(): SignatureFacts | undefined {
    return this.#facts.tensors;
  }

  get task(): TaskFacts | undefined {
    return this.#facts.task;
  }

  get metadata(): ModelMetadata {
    const { description } = this.#entry.config;
    return description === undefined ? this.#facts.metadata : { ...this.#facts.metadata, description };
  }

  get labels(): readonly string[] {
    return this.#entry.labelsOf(this.id.version);
  }

  get versions(): readonly number[] {
    return this.#entry.servingVersions();
  }

  get config(): ModelConfig {
    return this.#entry.config;
  }

  get maxRequestRows(): number {
    const { maxBatchSize, maxQueueRows } = this.#entry.config;
    return maxBatchSize ?? maxQueueRows ?? this.#maxQueueRows;
  }

  get fileName(): string | undefined {
    const version = this.#entry.wanted.find(({ id }) => id.version === this.id.version);
    return version?.modelPath.split('/').at(-1);
  }

  get instances(): number {
    return this.#facts.instances;
  }

  get rewrites(): readonly string[] {
    return this.#facts.rewrites ?? [];
  }

  get costs(): NonNullable<ServableDescription['costs']> {
    return this.#facts.costs ?? [];
  }

  get sample(): readonly NamedTensor[] {
    return this.#facts.sample ?? [];
  }
}
