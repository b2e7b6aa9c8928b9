import type { Preparation, PreparationLoad, PreparationOrder, Preparer } from '../core/preparation.js';
import type { ProcessPreparation, ProcessPreparationOptions } from './process-preparation.js';

/** Preparation in processes, of which nothing is loaded before a model needs it. */
export class LazyPreparation implements Preparation {
  readonly #options: ProcessPreparationOptions;
  #loading: Promise<ProcessPreparation> | undefined;
  #loaded: ProcessPreparation | undefined;
  #startsAside = false;

  constructor(options: ProcessPreparationOptions) {
    this.#options = options;
  }

  async open(order: PreparationOrder): Promise<Preparer> {
    this.#loading ??= this.#load();
    return (await this.#loading).open(order);
  }

  async #load(): Promise<ProcessPreparation> {
    const { ProcessPreparation } = await import('./process-preparation.js');
    this.#loaded = new ProcessPreparation(this.#options);
    if (this.#startsAside) this.#loaded.startAside();
    return this.#loaded;
  }

  /** Of every version that has one. */
  loads(): readonly PreparationLoad[] {
    return this.#loaded?.loads() ?? [];
  }

  /** As `ProcessPreparation.startAside`, now or once it is loaded. */
  startAside(): void {
    this.#startsAside = true;
    this.#loaded?.startAside();
  }

  /** Ends every process. No model is to be opened any more when this is called. */
  async close(): Promise<void> {
    await this.#loading?.catch(() => undefined);
    await this.#loaded?.close();
  }
}
