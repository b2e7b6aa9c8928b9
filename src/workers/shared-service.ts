import type {
  InferenceService,
  LoadOptions,
  ModelStatus,
  ServableHandle,
  ServableStatistics,
} from '../core/inference-service.js';
import type { ModelSelector } from '../core/model.js';
import { ServingError } from '../core/serving-error.js';
import { mergeStatistics } from './merge-statistics.js';
import { mergeModels, mergeStatuses, unseenModel } from './merge-statuses.js';
import type { Peers } from './peers.js';

export interface SharedServiceOptions {
  /** This worker's own. */
  readonly local: InferenceService;
  readonly peers: Peers;
}

/** Infers here; what is asked about the server, or done to it, concerns every worker. */
export class SharedService implements InferenceService {
  readonly #local: InferenceService;
  readonly #peers: Peers;

  constructor({ local, peers }: SharedServiceOptions) {
    this.#local = local;
    this.#peers = peers;
  }

  acquire(selector: ModelSelector): ServableHandle {
    return this.#local.acquire(selector);
  }

  async models(): Promise<readonly ModelStatus[]> {
    const { results } = await this.#peers.ask({ kind: 'models' });
    return mergeModels(results.map(({ value }) => value));
  }

  async status(selector: ModelSelector): Promise<ModelStatus> {
    const { results, failures } = await this.#peers.ask({ kind: 'status', selector });
    const unseen = failures.filter(({ code }) => code === 'NOT_FOUND').map(() => unseenModel(selector.name));
    return mergeStatuses([...results.map(({ value }) => value), ...unseen]);
  }

  async statistics(selector?: ModelSelector): Promise<readonly ServableStatistics[]> {
    const { results } = await this.#peers.ask({ kind: 'statistics', ...(selector !== undefined && { selector }) });
    return mergeStatistics(results.map(({ value }) => value));
  }

  get ready(): Promise<boolean> {
    return this.#isReady();
  }

  async loadModel(name: string, options: LoadOptions = {}): Promise<void> {
    if (options.files !== undefined) {
      throw new ServingError(
        'UNIMPLEMENTED',
        `failed to load '${name}', a server of several workers takes no model files with a request; start it with --workers 1, or put them into its models folder, then load`,
      );
    }
    await this.#peers.askEvery({ kind: 'load', name, options });
  }

  async unloadModel(name: string): Promise<void> {
    await this.#peers.askEvery({ kind: 'unload', name });
  }

  /** A worker that does not say so is not ready. */
  async #isReady(): Promise<boolean> {
    try {
      return (await this.#peers.askEvery({ kind: 'ready' })).every(({ value }) => value);
    } catch {
      return false;
    }
  }
}
