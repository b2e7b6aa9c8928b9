import type { InferenceService, ModelStatus, ServableHandle, ServableStatistics } from '../core/inference-service.js';
import type { ModelSelector } from '../core/model.js';
import type { Fleet } from './fleet.js';
import { mergeStatistics } from './merge-statistics.js';
import { mergeModels, mergeStatuses, unseenModel } from './merge-statuses.js';

export interface FleetServiceOptions {
  /** This front's own. */
  readonly local: InferenceService;
  readonly fleet: Fleet;
}

/** Infers here; what is asked about the server, or done to it, concerns every front. */
export class FleetService implements InferenceService {
  readonly #local: InferenceService;
  readonly #fleet: Fleet;

  constructor({ local, fleet }: FleetServiceOptions) {
    this.#local = local;
    this.#fleet = fleet;
  }

  acquire(selector: ModelSelector): ServableHandle {
    return this.#local.acquire(selector);
  }

  async models(): Promise<readonly ModelStatus[]> {
    const { answers } = await this.#fleet.ask({ kind: 'models' });
    return mergeModels(answers.map(({ value }) => value));
  }

  async status(selector: ModelSelector): Promise<ModelStatus> {
    const { answers, failures } = await this.#fleet.ask({ kind: 'status', selector });
    const unseen = failures.filter(({ code }) => code === 'NOT_FOUND').map(() => unseenModel(selector.name));
    return mergeStatuses([...answers.map(({ value }) => value), ...unseen]);
  }

  async statistics(selector?: ModelSelector): Promise<readonly ServableStatistics[]> {
    const { answers } = await this.#fleet.ask({ kind: 'statistics', ...(selector !== undefined && { selector }) });
    return mergeStatistics(answers.map(({ value }) => value));
  }

  get ready(): Promise<boolean> {
    return this.#isReady();
  }

  async loadModel(name: string): Promise<void> {
    await this.#fleet.askEvery({ kind: 'load', name });
  }

  async unloadModel(name: string): Promise<void> {
    await this.#fleet.askEvery({ kind: 'unload', name });
  }

  /** A front that does not say so is not ready. */
  async #isReady(): Promise<boolean> {
    try {
      return (await this.#fleet.askEvery({ kind: 'ready' })).every(({ value }) => value);
    } catch {
      return false;
    }
  }
}
